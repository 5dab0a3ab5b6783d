// When operations begin, on virtual time: nothing here waits.
#include "load/pacer.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/event.hpp"
#include "engine/shard.hpp"
#include "load/worker.hpp"
#include "net/stream.hpp"
#include "sim/machine.hpp"

namespace postern::bench {
namespace {

using engine::task;

// Operations that take `work`, as one session does them; their moments and how long they seem.
struct Seen {
    std::vector<MonotonicTime> moments;
    std::vector<Duration> took;
    bool ended = false;
};

task<void> operate(Pacer* pacer, Duration work, Seen* seen) {
    for (;;) {
        auto moment = co_await pacer->next();
        if (!moment) break;
        co_await engine::sleep_until(net::deadline_in(work));
        seen->moments.push_back(*moment);
        seen->took.push_back(engine::Shard::current().kernel().now() - *moment);
    }
    seen->ended = true;
}

class PacerTest : public testing::Test {
 protected:
    PacerTest() : world(1), machine(world.add_machine("10.0.0.1", 1)) { machine.boot(); }
    ~PacerTest() override { machine.kill(); }

    Seen run(Pace pace, Duration work) {
        Seen seen;
        pace.start = world.now();
        if (pace.end != never) pace.end = world.now() + (pace.end - MonotonicTime{});
        start = pace.start;
        Pacer pacer(pace);
        machine.spawn(0, operate(&pacer, work, &seen));
        EXPECT_TRUE(world.run_until([&] { return seen.ended; }, world.now() + seconds(1000)));
        return seen;
    }

    sim::World world;
    sim::Machine& machine;
    MonotonicTime start;
};

TEST_F(PacerTest, ClosedLoopEndsAfterTheCount) {
    Pace pace;
    pace.count_max = 7;
    const Seen seen = run(pace, milliseconds(10));
    EXPECT_EQ(seen.moments.size(), 7u);
}

TEST_F(PacerTest, ClosedLoopEndsAtTheEnd) {
    Pace pace;
    pace.end = MonotonicTime{} + seconds(1);
    const Seen seen = run(pace, milliseconds(100));
    EXPECT_GE(seen.moments.size(), 8u);
    EXPECT_LE(seen.moments.size(), 10u);
    for (const MonotonicTime moment : seen.moments) EXPECT_LT(moment, start + seconds(1));
}

TEST_F(PacerTest, ARateIsKeptWhenTheServerIsFasterThanIt) {
    Pace pace;
    pace.rate_per_s = 100;
    pace.end = MonotonicTime{} + seconds(2);
    const Seen seen = run(pace, milliseconds(2));
    ASSERT_EQ(seen.moments.size(), 200u);
    for (std::size_t i = 0; i < seen.moments.size(); ++i) {
        const MonotonicTime due = start + milliseconds(10 * std::int64_t(i));
        EXPECT_GE(seen.moments[i], due);
        EXPECT_LE(seen.moments[i], due + milliseconds(1));  // a tick of the timer
        EXPECT_LE(seen.took[i], milliseconds(8));
    }
}

// The server takes 100 ms where 10 ms are due: whoever comes later has waited for all before it,
// though each operation by itself took only 100 ms.
TEST_F(PacerTest, WhoComesLateIsMeasuredFromWhenItWasDue) {
    Pace pace;
    pace.rate_per_s = 100;
    pace.count_max = 50;
    const Seen seen = run(pace, milliseconds(100));
    ASSERT_EQ(seen.took.size(), 50u);
    EXPECT_LE(seen.took.front(), milliseconds(110));
    EXPECT_EQ(seen.moments.back(), start + milliseconds(490));
    EXPECT_GE(seen.took.back(), milliseconds(50 * 100 - 490));
}

TEST(PaceOfPart, WholeOperationsAndNoneLost) {
    Pace whole;
    whole.count_max = 10;
    whole.rate_per_s = 9;
    std::uint64_t sum = 0;
    for (const double before : {0.0, 1.0 / 3, 2.0 / 3}) {
        const Pace part = pace_of_part(whole, 1.0 / 3, before);
        EXPECT_NEAR(double(part.count_max), 3.5, 0.5);
        EXPECT_NEAR(part.rate_per_s, 3, 1e-9);
        sum += part.count_max;
    }
    EXPECT_EQ(sum, 10u);
    EXPECT_EQ(pace_of_part(whole, 1, 0).count_max, 10u);
}

TEST_F(PacerTest, CancellingEndsIt) {
    Pace pace;
    pace.rate_per_s = 0.01;
    Seen seen;
    pace.start = world.now();
    Pacer pacer(pace);
    machine.spawn(0, operate(&pacer, milliseconds(1), &seen));
    world.run_for(seconds(1));
    EXPECT_EQ(seen.moments.size(), 1u);
    EXPECT_FALSE(seen.ended);
    machine.kill();
    EXPECT_TRUE(seen.ended);
    machine.shut_down();
    machine.boot();
}

}  // namespace
}  // namespace postern::bench
