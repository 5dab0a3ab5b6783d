// Turns, calls between shards, and offloaded work.
#include "engine/shard.hpp"

#include "engine_fixture.hpp"

namespace postern::engine {
namespace {

task<int> answer(unsigned expected_shard, int value) {
    EXPECT_EQ(Shard::current().id(), expected_shard);
    co_await sleep_until(Shard::current().now() + milliseconds(1));
    EXPECT_EQ(Shard::current().id(), expected_shard);
    co_return value * 2;
}

task<void> note_shard(std::vector<unsigned>* seen) {
    seen->push_back(Shard::current().id());
    co_return;
}

task<void> calls(unsigned count, int* done) {
    unsigned home = Shard::current().id();
    for (unsigned i = 0; i < count; ++i) {
        int value = co_await call_on(i, [i] { return answer(i, int(i)); });
        EXPECT_EQ(value, int(i) * 2);
        EXPECT_EQ(Shard::current().id(), home);
        std::vector<unsigned> seen;
        co_await call_on(i, [&seen] { return note_shard(&seen); });
        EXPECT_EQ(seen, std::vector<unsigned>{i});
    }
    ++*done;
}

TEST(Shard, CallOnRunsThereAndComesBack) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        SimMachine sim(4, seed);
        int done = 0;
        for (unsigned i = 0; i < 4; ++i) {
            for (int j = 0; j < 5; ++j) sim.machine.spawn(i, calls(4, &done));
        }
        ASSERT_TRUE(sim.world.run_until([&] { return done == 20; }, sim.world.now() + seconds(60)));
    }
}

task<Result<int>> fails_remotely() {
    co_await sleep_until(Shard::current().now() + milliseconds(1));
    co_return fail_request(ErrorCode::over_quota, "full");
}

task<Result<int>> calls_what_fails() {
    int value = co_await try_(call_on(1, [] { return fails_remotely(); }));
    co_return value;
}

task<void> expect_remote_failure() {
    auto result = co_await calls_what_fails();
    EXPECT_EQ(result.error().code, ErrorCode::over_quota);
}

TEST(Shard, CallOnBringsFailuresBack) {
    SimMachine sim(2);
    sim.run(expect_remote_failure());
}

TEST(Shard, CallsEndWhenTheMachineStops) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimMachine sim(4, seed);
        int done = 0;
        for (unsigned i = 0; i < 4; ++i) sim.machine.spawn(i, calls(4, &done));
        sim.run_for(microseconds(std::int64_t(seed) * 100));
        sim.machine.kill();
        EXPECT_EQ(done, 4);
    }
}

task<void> offload_some(int* sum) {
    for (int i = 0; i < 10; ++i) {
        int value = co_await offload([i] { return i * i; });
        *sum += value;
    }
    co_await offload([sum] { *sum += 1000; });
}

TEST(Shard, OffloadBringsTheResult) {
    SimMachine sim;
    int sum = 0;
    sim.run(offload_some(&sum));
    EXPECT_EQ(sum, 1285);
}

}  // namespace
}  // namespace postern::engine
