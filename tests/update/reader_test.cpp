// A whole file through the reader: spoilt in every byte, cut at every length, fed in pieces.
#include "update/reader.hpp"

#include <gtest/gtest.h>

#include <random>

#include "update/update_files.hpp"

namespace postern::update {
namespace {

// As large as it must be, no larger: every byte is tried.
const FileParts small = {.slot = slot_content(4'096, 's')};

Outcome<Manifest> read_whole(std::string_view file, Reader::Taker taker = {}) {
    Reader reader(trust_of_tests(), std::move(taker));
    if (auto fed = reader.feed(file); !fed) return std::unexpected(fed.error());
    return reader.finish();
}

TEST(Reader, RefusesAFileInWhichAByteIsAnother) {
    const std::string good = make_file(small);
    ASSERT_TRUE(read_whole(good));
    const std::size_t head = good.size() - small.slot.size();
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const int flip : {0x01, 0x20, 0xff}) {
            std::string spoilt = good;
            spoilt[i] = char(spoilt[i] ^ flip);
            const auto read = read_whole(spoilt);
            ASSERT_FALSE(read) << i << " ^ " << flip;
            const Reason reason = read.error().reason;
            if (i >= head) {
                EXPECT_EQ(reason, Reason::damaged) << i;
            } else {
                EXPECT_TRUE(reason == Reason::signature || reason == Reason::not_an_update) << i;
            }
        }
    }
}

TEST(Reader, RefusesAFileThatIsCutAnywhere) {
    const std::string good = make_file(small);
    for (std::size_t length = 0; length < good.size(); ++length) {
        const auto read = read_whole(std::string_view(good).substr(0, length));
        ASSERT_FALSE(read) << length;
        EXPECT_EQ(read.error().reason, Reason::truncated) << length;
    }
}

TEST(Reader, RefusesWhatComesAfterTheEnd) {
    const auto read = read_whole(make_file(small) + "x");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().reason, Reason::damaged);
}

TEST(Reader, TakesNothingBeforeTheHeadIsVerified) {
    for (const FileParts& parts :
         {FileParts{.seed = other_seed}, FileParts{.arch = "arm64"},
          FileParts{.version = "0.0.2", .minimum = "0.0.1"}, FileParts{.minimum = "0.2.0"}}) {
        const auto read = read_whole(make_file(parts), [](std::uint64_t, std::string_view) {
            ADD_FAILURE() << "bytes were taken";
            return Outcome<void>{};
        });
        EXPECT_FALSE(read);
    }
}

TEST(Reader, GivesTheSlotHoweverTheFileComes) {
    const std::string file = make_file({});
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round) {
        std::string slot;
        Reader reader(trust_of_tests(), [&](std::uint64_t offset, std::string_view bytes) {
            EXPECT_EQ(offset, slot.size());
            slot += bytes;
            return Outcome<void>{};
        });
        for (std::size_t at = 0; at < file.size();) {
            const std::size_t n = std::min<std::size_t>(1 + random() % 3'000, file.size() - at);
            ASSERT_TRUE(reader.feed(std::string_view(file).substr(at, n)));
            at += n;
        }
        const auto manifest = reader.finish();
        ASSERT_TRUE(manifest);
        EXPECT_EQ(format_version(manifest->version), "0.2.0");
        EXPECT_EQ(slot, FileParts{}.slot);
    }
}

}  // namespace
}  // namespace postern::update
