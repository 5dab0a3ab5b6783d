// Files of segments: odd names, what is removed when, indexes that are missing.
#include "timeline/segment.hpp"

#include "timeline/fixture.hpp"
#include "timeline/index.hpp"

namespace postern::timeline {
namespace {

using SegmentTest = DirectoryTest;

constexpr WallTime at_day(std::uint32_t day) {
    return {day * day_ns + 5};
}

TEST_F(SegmentTest, OtherNamesAreNone) {
    for (const char* name :
         {"", ".log", "20261122-000-0000", "20261122-000-0000.idx", "20261122-000-0000.log.tmp",
          "20261322-000-0000.log", "20260230-000-0000.log", "20261122-0-0000.log",
          "20261122-000-00000.log", "-20261122-000-0000.log", "20261122-000-0000.log ",
          "99999999-000-0000.log", "18991231-000-0000.log", "20261122-999999999999-0000.log"}) {
        EXPECT_FALSE(parse_segment_name(name)) << name;
    }
}

TEST_F(SegmentTest, NamesAndBack) {
    for (const SegmentName name :
         {SegmentName{0, 0, 0}, SegmentName{20'779, 3, 17}, SegmentName{20'779, 1'023, 99'999}}) {
        EXPECT_EQ(parse_segment_name(format_segment_name(name)), name);
    }
    EXPECT_EQ(format_segment_name({20'779, 3, 1}), "20261122-003-0001.log");
    EXPECT_EQ(day_of({20'779 * day_ns}), 20'779u);
    EXPECT_EQ(day_of({20'779 * day_ns - 1}), 20'778u);
    EXPECT_EQ(day_of({-5}), 0u);
}

TEST_F(SegmentTest, OldOnesGoWithTheirIndex) {
    for (std::uint32_t day : {84, 85, 86, 99, 100}) write(path_of({day, 0, 0}), delivered(day));
    write(directory + "/notes.txt", "not ours");
    ASSERT_TRUE(index_segment(path_of({84, 0, 0})));
    remove_expired(directory, {14, 1 << 30}, at_day(100));
    EXPECT_FALSE(exists({84, 0, 0}));
    EXPECT_FALSE(exists({85, 0, 0}));
    EXPECT_FALSE(std::filesystem::exists(index_path(path_of({84, 0, 0}))));
    EXPECT_TRUE(exists({86, 0, 0}));
    EXPECT_TRUE(exists({100, 0, 0}));
    EXPECT_TRUE(std::filesystem::exists(directory + "/notes.txt"));
}

TEST_F(SegmentTest, TheOldestGoBeyondTheBytesButNeverTodays) {
    for (std::uint32_t day : {97, 98, 99, 100}) {
        write(path_of({day, 0, 0}), std::string(1'000, 'x'));
        write(path_of({day, 1, 0}), std::string(1'000, 'x'));
    }
    remove_expired(directory, {14, 5'000}, at_day(100));
    EXPECT_FALSE(exists({97, 0, 0}));
    EXPECT_FALSE(exists({97, 1, 0}));
    EXPECT_FALSE(exists({98, 0, 0}));
    EXPECT_TRUE(exists({98, 1, 0}));
    remove_expired(directory, {14, 1}, at_day(100));
    EXPECT_FALSE(exists({99, 1, 0}));
    EXPECT_TRUE(exists({100, 0, 0}));
}

TEST_F(SegmentTest, AClockThatWentBackRemovesNothing) {
    write(path_of({200, 0, 0}), delivered(1));
    remove_expired(directory, {1, 1}, at_day(100));
    EXPECT_TRUE(exists({200, 0, 0}));
}

TEST_F(SegmentTest, IndexesThatAreMissingOrTooShort) {
    const std::string path = path_of({99, 0, 0});
    write(path, delivered(1));
    index_missing(directory);
    EXPECT_EQ(Index(index_path(path)).covered(), delivered(1).size());
    write(path, delivered(1) + delivered(2));
    index_missing(directory);
    EXPECT_EQ(Index(index_path(path)).covered(), delivered(1).size() + delivered(2).size());
    write(index_path(path), "damage");
    index_missing(directory);
    EXPECT_TRUE(Index(index_path(path)).is_good());
}

TEST_F(SegmentTest, NoDirectoryHasNoSegments) {
    EXPECT_TRUE(list_segments(directory + "/absent").empty());
    EXPECT_FALSE(read_segment(directory + "/absent", 0));
    EXPECT_FALSE(index_segment(directory + "/absent.log"));
}

}  // namespace
}  // namespace postern::timeline
