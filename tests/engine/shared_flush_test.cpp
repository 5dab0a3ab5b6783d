// Flushes that threads share: fewer than asked for, never one that began too early, and a failure
// reaches everybody whom it may concern.
#include "engine/shared_flush.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

namespace postern::engine {
namespace {

// A disk: `written` counts what is there, a flush makes durable what was there when it began.
struct FakeDisk {
    std::atomic<int> written{0};
    std::atomic<int> durable{0};
    std::atomic<int> flushes{0};
    std::atomic<int> result{0};
    std::atomic<int> delay_ms{2};
};
FakeDisk disk;

int flush_fake(int) {
    ++disk.flushes;
    const int seen = disk.written.load();
    const int result = disk.result.load();
    std::this_thread::sleep_for(std::chrono::milliseconds(disk.delay_ms.load()));
    if (result == 0) disk.durable = seen;
    return result;
}

class SharedFlushTest : public testing::Test {
 protected:
    SharedFlushTest() {
        disk.written = disk.durable = disk.flushes = disk.result = 0;
        disk.delay_ms = 2;
    }
    SharedFlush shared{flush_fake};
};

TEST_F(SharedFlushTest, ManyThreadsShareAndNoneIsForgotten) {
    constexpr int threads = 8, rounds = 50;
    std::atomic<int> forgotten{0}, own{0};
    std::vector<std::thread> writers;
    for (int i = 0; i < threads; ++i) {
        writers.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                const std::uint64_t begun = shared.begin();
                const int mine = ++disk.written;
                const auto outcome = shared.flush(3, 1, begun);
                if (outcome.result != 0 || disk.durable.load() < mine) ++forgotten;
                if (outcome.is_own) ++own;
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(forgotten, 0);
    EXPECT_EQ(own, disk.flushes);
    EXPECT_LT(disk.flushes, threads * rounds / 2);
}

TEST_F(SharedFlushTest, DevicesDoNotWaitForEachOther) {
    disk.delay_ms = 200;
    std::thread other([&] { shared.flush(3, 1, shared.begin()); });
    while (disk.flushes == 0) std::this_thread::yield();
    const auto outcome = shared.flush(4, 2, shared.begin());
    EXPECT_TRUE(outcome.is_own);
    EXPECT_EQ(disk.flushes, 2);
    other.join();
}

// Whose descriptor is younger than the failure would not hear of it from the next flush.
TEST_F(SharedFlushTest, AFailureIsForAllWhoHadBegun) {
    const std::uint64_t begun_before = shared.begin();
    disk.result = -EIO;
    EXPECT_EQ(shared.flush(3, 1, shared.begin()).result, -EIO);
    disk.result = 0;
    EXPECT_EQ(shared.flush(3, 1, begun_before).result, -EIO);
    EXPECT_EQ(shared.flush(3, 1, shared.begin()).result, 0);
}

}  // namespace
}  // namespace postern::engine
