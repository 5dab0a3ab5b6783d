// Scopes: joining, draining, cancelling, and when_all, on simulated operations.
#include "engine/scope.hpp"

#include <fcntl.h>

#include "engine_fixture.hpp"

namespace postern::engine {
namespace {

task<void> sleeper(Duration duration, std::vector<int>* ends) {
    auto result = co_await sleep_until(Shard::current().now() + duration);
    ends->push_back(result.has_value() ? 1 : 0);
}

task<void> spawn_and_join(std::vector<int>* ends) {
    Scope scope;
    for (int i = 0; i < 5; ++i) scope.spawn(sleeper(milliseconds(i + 1), ends));
    EXPECT_EQ(scope.size(), 5u);
    auto joined = co_await scope.join();
    EXPECT_TRUE(joined);
    EXPECT_EQ(scope.size(), 0u);
    joined = co_await scope.join();  // empty: at once
    EXPECT_TRUE(joined);
}

TEST(Scope, JoinWaitsForAll) {
    SimMachine sim;
    std::vector<int> ends;
    sim.run(spawn_and_join(&ends));
    EXPECT_EQ(ends, std::vector<int>(5, 1));
}

task<void> cancel_at_once(std::vector<int>* ends) {
    Scope scope;
    for (int i = 0; i < 5; ++i) scope.spawn(sleeper(seconds(1000), ends));
    scope.cancel();
    co_await scope.join();
    scope.spawn(sleeper(seconds(1000), ends));  // a cancelled scope stays so
    co_await scope.join();
}

TEST(Scope, CancelReachesWhatHasNotStartedYet) {
    SimMachine sim;
    std::vector<int> ends;
    MonotonicTime start = sim.world.now();
    sim.run(cancel_at_once(&ends));
    EXPECT_EQ(ends, std::vector<int>(6, 0));
    EXPECT_LT(sim.world.now(), start + seconds(1));
}

task<void> join_for_a_while(std::vector<int>* ends) {
    Scope scope;
    scope.spawn(sleeper(seconds(1), ends));
    scope.spawn(sleeper(seconds(1000), ends));
    co_await join_within(&scope, seconds(5));
    EXPECT_EQ(scope.size(), 0u);
    co_await join_within(&scope, seconds(1000));  // empty: at once
}

TEST(Scope, JoinWithinEndsWhatTakesTooLong) {
    SimMachine sim;
    std::vector<int> ends;
    MonotonicTime start = sim.world.now();
    sim.run(join_for_a_while(&ends));
    EXPECT_EQ(ends, (std::vector<int>{1, 0}));
    EXPECT_LT(sim.world.now(), start + seconds(6));
}

task<void> waits(Event* event, WhenDraining when, std::vector<ErrorCode>* ends) {
    auto result = co_await event->wait(never, when);
    ends->push_back(result.has_value() ? ErrorCode::io : result.error().code);
}

task<void> drain_some(std::vector<ErrorCode>* ends) {
    Scope scope;
    Event idle;
    Event busy;
    scope.spawn(waits(&idle, WhenDraining::ends, ends));
    scope.spawn(waits(&busy, WhenDraining::goes_on, ends));
    co_await sleep_until(Shard::current().now() + seconds(1));
    scope.drain();
    co_await sleep_until(Shard::current().now() + seconds(1));
    EXPECT_EQ(*ends, std::vector<ErrorCode>{ErrorCode::cancelled});
    EXPECT_EQ(scope.size(), 1u);
    busy.set();
    co_await scope.join();
    EXPECT_EQ(ends->back(), ErrorCode::io);
}

TEST(Scope, DrainEndsWhatWaitsForTheNextCommandOnly) {
    SimMachine sim;
    std::vector<ErrorCode> ends;
    sim.run(drain_some(&ends));
    EXPECT_EQ(ends.size(), 2u);
}

task<void> nested(std::vector<int>* ends, int depth) {
    Scope scope;
    scope.spawn(sleeper(seconds(1000), ends));
    if (depth > 0) scope.spawn(nested(ends, depth - 1));
    co_await scope.join();
}

TEST(Scope, CancellingTheWaitingTaskCancelsTheInnerScopes) {
    SimMachine sim;
    std::vector<int> ends;
    sim.spawn(nested(&ends, 4));
    sim.run_for(seconds(1));
    EXPECT_EQ(ends.size(), 0u);
    sim.machine.kill();
    EXPECT_EQ(ends, std::vector<int>(5, 0));
}

task<Result<void>> write_through(std::string path) {
    co_await try_(replace_file(path, "whole"));
    co_return {};
}

task<void> write_and_note(std::string path, int* written) {
    auto result = co_await write_through(std::move(path));
    *written += result.has_value();
}

task<void> cancel_during_files(Duration when, int* written) {
    Scope scope;
    scope.spawn(write_and_note("/f", written));
    co_await sleep_until(Shard::current().now() + when);
    scope.cancel();
    co_await scope.join();
}

TEST(Scope, CancelLetsFileOperationsRunToTheirEnd) {
    for (int i = 0; i < 20; ++i) {
        SimMachine sim(1, std::uint64_t(i));
        int written = 0;
        sim.run(cancel_during_files(microseconds(i * 100), &written));
        EXPECT_EQ(written, 1);
        EXPECT_EQ(sim.machine.disk().content("/f"), "whole");
    }
}

task<Result<int>> after(int value, Duration duration) {
    co_await try_(sleep_until(Shard::current().now() + duration));
    if (value == 3) co_return fail_request(ErrorCode::refused, "three");
    co_return value;
}

task<void> all_of(bool cancelled) {
    std::vector<task<Result<int>>> works;
    for (int i = 0; i < 6; ++i) works.push_back(after(i, milliseconds(10 - i)));
    auto results = co_await when_all(std::move(works));
    EXPECT_EQ(results.size(), 6u);
    for (int i = 0; i < 6; ++i) {
        auto& result = results[std::size_t(i)];
        if (cancelled) {
            EXPECT_EQ(result.error().code, ErrorCode::cancelled);
        } else if (i == 3) {
            EXPECT_EQ(result.error().code, ErrorCode::refused);
        } else {
            EXPECT_EQ(result.value_or(-1), i);
        }
    }
    std::vector<task<Result<int>>> nothing;
    auto none = co_await when_all(std::move(nothing));
    EXPECT_TRUE(none.empty());
}

task<void> all_of_nothing() {
    std::vector<int> ends;
    std::vector<task<void>> works;
    for (int i = 0; i < 3; ++i) works.push_back(sleeper(milliseconds(10 - i), &ends));
    co_await when_all(std::move(works));
    EXPECT_EQ(ends.size(), 3u);
}

TEST(Scope, WhenAllOfTasksWithoutAResult) {
    SimMachine sim;
    sim.run(all_of_nothing());
}

TEST(Scope, WhenAllKeepsTheOrder) {
    SimMachine sim;
    sim.run(all_of(false));
}

TEST(Scope, WhenAllIsCancelledAsAWhole) {
    SimMachine sim;
    sim.spawn(all_of(true));
    sim.run_for(milliseconds(2));
    sim.machine.kill();
}

}  // namespace
}  // namespace postern::engine
