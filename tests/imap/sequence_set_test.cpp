// Sequence sets: malformed ones first, then stars, overlaps, and COPYUID's sets.
#include "imap/sequence_set.hpp"

#include <gtest/gtest.h>

#include "imap/limits.hpp"

namespace postern::imap {
namespace {

TEST(SequenceSet, RefusesWhatIsNone) {
    for (const char* text : {"", "0", "1,", ",1", "1:", ":1", "1:2:3", "a", "1 2", "**", "1,,2",
                             "4294967296", "-1", "1:0", "*:0", "+1", "1;2"}) {
        EXPECT_FALSE(parse_sequence_set(text)) << text;
    }
}

TEST(SequenceSet, HasALimit) {
    std::string text = "1";
    for (std::size_t i = 1; i < sequence_ranges_max; ++i) text += ",1";
    EXPECT_TRUE(parse_sequence_set(text));
    EXPECT_FALSE(parse_sequence_set(text + ",1"));
}

// RFC 3501 §9: "2,4:7,9,12:*" of 15 messages; "*:4,5:7" of 10.
TEST(SequenceSet, ExamplesOfTheRfc) {
    SequenceSet expected{{2, 2}, {4, 7}, {9, 9}, {12, 15}};
    EXPECT_EQ(normalise(*parse_sequence_set("2,4:7,9,12:*"), 15), expected);
    SequenceSet second{{4, 10}};
    EXPECT_EQ(normalise(*parse_sequence_set("*:4,5:7"), 10), second);
}

TEST(SequenceSet, StarBehindTheEndIsTheLast) {
    SequenceSet expected{{10, 3291}};
    EXPECT_EQ(normalise(*parse_sequence_set("3291:*"), 10), expected);
    EXPECT_TRUE(normalise(*parse_sequence_set("1:*,*"), 0).empty());
}

TEST(SequenceSet, Contains) {
    SequenceSet set = normalise(*parse_sequence_set("7:9,2,20:*"), 22);
    for (std::uint32_t n : {2u, 7u, 8u, 9u, 20u, 22u}) EXPECT_TRUE(contains(set, n)) << n;
    for (std::uint32_t n : {1u, 3u, 6u, 10u, 19u, 23u}) EXPECT_FALSE(contains(set, n)) << n;
    EXPECT_FALSE(contains({}, 1));
}

TEST(SequenceSet, FormatsRunsAsRanges) {
    std::vector<std::uint32_t> uids{4, 5, 6, 9, 3, 4};
    EXPECT_EQ(format_uid_set(uids), "4:6,9,3:4");
    EXPECT_EQ(format_uid_set({}), "");
}

}  // namespace
}  // namespace postern::imap
