// Byte-stuffing and the cut of TOP, over messages cut at every position. RFC 1939 §3, §7.
#include "pop3/dot_stuffer.hpp"

#include <gtest/gtest.h>

namespace postern::pop3 {
namespace {

std::string stuff(std::string_view message, std::size_t cut) {
    DotStuffer stuffer;
    std::string out;
    stuffer.stuff(message.substr(0, cut), out);
    stuffer.stuff(message.substr(cut), out);
    stuffer.finish(out);
    return out;
}

std::string stuff_cut(std::string_view message) {
    const std::string whole = stuff(message, message.size());
    for (std::size_t cut = 0; cut < message.size(); ++cut) EXPECT_EQ(stuff(message, cut), whole);
    return whole;
}

TEST(DotStuffer, EndsEveryMessageWithALineOfOneDot) {
    EXPECT_EQ(stuff_cut(""), ".\r\n");
    EXPECT_EQ(stuff_cut("a"), "a\r\n.\r\n");
    EXPECT_EQ(stuff_cut("a\r"), "a\r\r\n.\r\n");
    EXPECT_EQ(stuff_cut("a\n"), "a\n\r\n.\r\n");
    EXPECT_EQ(stuff_cut("a\r\n"), "a\r\n.\r\n");
}

TEST(DotStuffer, DoublesTheDotThatBeginsALine) {
    EXPECT_EQ(stuff_cut(".\r\n"), "..\r\n.\r\n");
    EXPECT_EQ(stuff_cut("..a\r\n"), "...a\r\n.\r\n");
    EXPECT_EQ(stuff_cut("a.\r\n.b\r\nc\r\n.\r\n"), "a.\r\n..b\r\nc\r\n..\r\n.\r\n");
    EXPECT_EQ(stuff_cut("\r\n.x"), "\r\n..x\r\n.\r\n");
}

TEST(DotStuffer, OnlyCrLfBeginsALine) {
    EXPECT_EQ(stuff_cut("a\n.b\r.c\r\n"), "a\n.b\r.c\r\n.\r\n");
}

std::string top(std::string_view message, std::uint64_t header_bytes, std::uint32_t lines,
                std::size_t cut) {
    TopCut top_cut(header_bytes, lines);
    const std::string_view first = message.substr(0, cut);
    const std::string_view second = message.substr(cut);
    std::string out(first.substr(0, top_cut.take(first)));
    out += second.substr(0, top_cut.take(second));
    return out;
}

TEST(TopCut, IsTheHeaderAndSoManyLines) {
    const std::string_view message = "A: b\r\n\r\none\r\ntwo\r\nthree";
    const std::string_view answers[] = {"A: b\r\n\r\n", "A: b\r\n\r\none\r\n",
                                        "A: b\r\n\r\none\r\ntwo\r\n", message, message};
    for (std::uint32_t lines = 0; lines < 5; ++lines) {
        for (std::size_t cut = 0; cut <= message.size(); ++cut) {
            EXPECT_EQ(top(message, 8, lines, cut), answers[lines]) << lines << " cut at " << cut;
        }
    }
}

TEST(TopCut, KnowsWhenNothingMoreIsNeeded) {
    TopCut cut(2, 1);
    EXPECT_FALSE(cut.is_complete());
    EXPECT_EQ(cut.take("\r\nfirst\r\nsecond"), 9u);
    EXPECT_TRUE(cut.is_complete());
}

}  // namespace
}  // namespace postern::pop3
