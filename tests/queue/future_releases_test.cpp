// What waits for its time, by account: counted once a message, until its time. RFC 4865 §6.
#include "queue/future_releases.hpp"

#include <gtest/gtest.h>

#include "queue/limits.hpp"

namespace postern::queue {
namespace {

TEST(FutureReleases, BytesWaitUntilTheirTime) {
    FutureReleases held;
    EXPECT_TRUE(held.has_room("a", 100, 100, 0));
    EXPECT_FALSE(held.has_room("a", 101, 100, 0));
    held.note("a", "first", 60, 50);
    held.note("a", "first", 60, 50);  // another of its entries
    held.note("b", "other", 100, 50);
    EXPECT_TRUE(held.has_room("a", 40, 100, 49));
    EXPECT_FALSE(held.has_room("a", 41, 100, 49));
    EXPECT_TRUE(held.has_room("a", 100, 100, 50)) << "its time has come";
    EXPECT_FALSE(held.has_room("b", 1, 100, 0));
    held.forget("b", "unknown");
    held.forget("unknown", "other");
    EXPECT_FALSE(held.has_room("b", 1, 100, 0));
    held.forget("b", "other");
    EXPECT_TRUE(held.has_room("b", 100, 100, 0));
}

TEST(FutureReleases, MessagesHaveALimitToo) {
    FutureReleases held;
    for (std::size_t i = 0; i + 1 < future_releases_max; ++i) {
        held.note("a", std::to_string(i), 1, 50);
    }
    EXPECT_TRUE(held.has_room("a", 1, UINT64_MAX, 0));
    held.note("a", "last", 1, 50);
    EXPECT_FALSE(held.has_room("a", 1, UINT64_MAX, 0));
}

}  // namespace
}  // namespace postern::queue
