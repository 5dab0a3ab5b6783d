// Every transcript, whole and cut at random positions. The player itself first: one that finds no
// fault proves nothing.
#include "transcripts/transcript.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace postern::transcripts {
namespace {

constexpr std::uint64_t seeds = 12;

std::vector<std::filesystem::path> all_transcripts() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(TRANSCRIPTS_DIRECTORY)) {
        if (entry.path().extension() == ".txt") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::vector<Step> read_transcript(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return parse_transcript(text.str());
}

TEST(Transcript, PatternsMatchAsTheyShould) {
    EXPECT_TRUE(matches("250 *", "250 "));
    EXPECT_TRUE(matches("250 *ok*", "250 is ok, really"));
    EXPECT_FALSE(matches("250 *", "250"));
    EXPECT_FALSE(matches("250", "250 ok"));
    EXPECT_FALSE(matches("*x", "xy"));
}

TEST(Transcript, FindsFaults) {
    Gateway gateway;
    EXPECT_NE(replay(gateway, parse_transcript("@ smtp\nS: 221 *\n"), Cuts::none), "");
    EXPECT_NE(replay(gateway, parse_transcript("@ smtp\nS: 220 *\nE:\n"), Cuts::none), "");
    EXPECT_NE(replay(gateway, parse_transcript("@ nowhere\n"), Cuts::none), "");
    EXPECT_NE(replay(gateway, parse_transcript("@ smtp\nX: what\n"), Cuts::none), "");
    EXPECT_EQ(replay(gateway, parse_transcript("@ smtp\nS: 220 *\n"), Cuts::none), "");
}

class AllTranscripts : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(AllTranscripts, Whole) {
    Gateway gateway({.plan = quiet_plan()});
    EXPECT_EQ(replay(gateway, read_transcript(GetParam()), Cuts::none), "");
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST_P(AllTranscripts, CutAtRandomPositions) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        Gateway gateway({.seed = seed});
        EXPECT_EQ(replay(gateway, read_transcript(GetParam()), Cuts::random), "")
            << "seed " << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Files, AllTranscripts, testing::ValuesIn(all_transcripts()),
                         [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace postern::transcripts
