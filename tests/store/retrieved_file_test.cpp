// The file of what POP3 has read: damage first, then the format byte by byte.
#include "store/retrieved_file.hpp"

#include <gtest/gtest.h>

#include "store/checked_text.hpp"

namespace postern::store {
namespace {

constexpr std::string_view head = "postern-retrieved 1\nuid_validity 77\n";

Result<Retrieved> parse_lines(std::string_view lines) {
    return parse_retrieved(with_checksum(std::string(head) + std::string(lines)));
}

TEST(RetrievedFile, DamageIsFound) {
    EXPECT_FALSE(parse_retrieved(""));
    EXPECT_FALSE(parse_retrieved(head));
    for (const char* bad :
         {"day\n", "day 5\n", "day x 1\n", "day 5 0\n", "day 5 x\n", "day 5 1:\n", "day 5 2:1\n",
          "day 5 ,1\n", "days 5 1\n", "day 5 1", "day 5 1:4294967295\n", "day 5 1 2\n"}) {
        EXPECT_FALSE(parse_lines(bad)) << bad;
    }
    std::string good = with_checksum(std::string(head) + "day 5 1\n");
    ASSERT_TRUE(parse_retrieved(good));
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string flipped = good;
        flipped[i] = char(flipped[i] ^ 1);
        EXPECT_FALSE(parse_retrieved(flipped)) << i;
        EXPECT_FALSE(parse_retrieved(good.substr(0, i))) << i;
    }
}

TEST(RetrievedFile, IsTextWithRanges) {
    Retrieved retrieved;
    retrieved.uid_validity = 77;
    retrieved.entries = {{5, 20779}, {6, 20779}, {7, 20780}, {9, 20779}};
    std::string text = format_retrieved(retrieved);
    EXPECT_EQ(text, with_checksum(std::string(head) + "day 20779 5:6,9\nday 20780 7\n"));
    EXPECT_EQ(parse_retrieved(text).value(), retrieved);
    EXPECT_TRUE(parse_lines("")->entries.empty());
    // The first day counts.
    EXPECT_EQ(parse_lines("day 5 1:2\nday 6 2:3\n")->entries,
              (std::vector<Retrieved::Entry>{{1, 5}, {2, 5}, {3, 6}}));
}

TEST(RetrievedFile, TimeIsUpWhenWholeDaysHavePassed) {
    Retrieved retrieved;
    retrieved.entries = {{1, 100}, {2, 101}};
    using Uids = std::vector<std::uint32_t>;
    EXPECT_EQ(expired(retrieved, 0, 0), (Uids{1, 2}));
    EXPECT_EQ(expired(retrieved, 7, 108 * day_s - 1), Uids{});
    EXPECT_EQ(expired(retrieved, 7, 108 * day_s), Uids{1});
    EXPECT_EQ(expired(retrieved, 7, 109 * day_s), (Uids{1, 2}));
    EXPECT_EQ(expired(retrieved, 4'000'000'000, 4'000'000'000), Uids{});
}

}  // namespace
}  // namespace postern::store
