// Event, Sleep, Mutex and deadlines of operations.
#include "engine/event.hpp"

#include <cerrno>

#include "engine_fixture.hpp"
#include "sim/client.hpp"

namespace postern::engine {
namespace {

task<void> event_rules() {
    Event event;
    EXPECT_FALSE(event.is_set());
    event.set();
    event.set();  // remembered once
    auto result = co_await event.wait();
    EXPECT_TRUE(result.has_value());
    EXPECT_FALSE(event.is_set());
    MonotonicTime start = Shard::current().now();
    result = co_await event.wait(start + milliseconds(20));
    EXPECT_EQ(result.error().code, ErrorCode::timed_out);
    EXPECT_FALSE(event.has_waiter());
    EXPECT_GE(Shard::current().now(), start + milliseconds(20));
    EXPECT_LT(Shard::current().now(), start + milliseconds(25));
    result = co_await event.wait(MonotonicTime{0});  // long past
    EXPECT_EQ(result.error().code, ErrorCode::timed_out);
    event.set();
    event.clear();
    result = co_await event.wait(Shard::current().now() + milliseconds(1));
    EXPECT_FALSE(result.has_value());
}

TEST(Event, RemembersAndTimesOut) {
    SimMachine sim;
    sim.run(event_rules());
}

task<void> set_later(Event* event, Duration delay) {
    co_await sleep_until(Shard::current().now() + delay);
    event->set();
}

task<void> wait_for_other(bool* woke) {
    Event event;
    Shard::current().root().spawn(set_later(&event, milliseconds(7)));
    auto result = co_await event.wait(Shard::current().now() + seconds(1));
    *woke = result.has_value();
    co_await sleep_until(Shard::current().now() + seconds(2));  // its old deadline must not fire
}

TEST(Event, WakesItsWaiterBeforeTheDeadline) {
    SimMachine sim;
    bool woke = false;
    sim.run(wait_for_other(&woke));
    EXPECT_TRUE(woke);
}

task<void> take_turns(Mutex* mutex, char name, std::string* log) {
    for (int i = 0; i < 3; ++i) {
        auto guard = co_await mutex->lock();
        EXPECT_TRUE(guard.has_value());
        EXPECT_TRUE(mutex->held());
        *log += name;
        co_await sleep_until(Shard::current().now() + milliseconds(1));
        *log += name;
        guard->unlock();
    }
}

TEST(Mutex, IsFirstComeFirstServed) {
    SimMachine sim;
    Mutex mutex;
    std::string log;
    for (char name : {'a', 'b', 'c'}) sim.spawn(take_turns(&mutex, name, &log));
    sim.run_for(seconds(1));
    EXPECT_EQ(log, "aabbccaabbccaabbcc");
    EXPECT_FALSE(mutex.held());
}

TEST(Mutex, IsLetGoByCancelledTasks) {
    SimMachine sim;
    Mutex mutex;
    std::string log;
    for (char name : {'a', 'b', 'c'}) sim.spawn(take_turns(&mutex, name, &log));
    sim.run_for(milliseconds(2));
    sim.machine.kill();
    EXPECT_FALSE(mutex.held());
    EXPECT_EQ(log.size(), 18u);
}

task<Result<void>> read_with_deadline(MonotonicTime deadline) {
    auto client = co_await try_(sim::connect("10.0.0.2", 25, deadline));
    std::string bytes(1'000'000, 'x');
    co_await try_(client.send(std::move(bytes), deadline));
    co_return {};
}

task<void> expect_timeout(MonotonicTime deadline, bool* done) {
    auto result = co_await read_with_deadline(deadline);
    EXPECT_EQ(result.error().code, ErrorCode::timed_out);
    EXPECT_EQ(result.error().kind, ErrorKind::gone);
    *done = true;
}

TEST(Deadline, EndsAnOperationThatWaitsForAPeer) {
    SimMachine sim;  // nobody is at 10.0.0.2
    bool done = false;
    MonotonicTime deadline = sim.world.now() + seconds(3);
    sim.spawn(expect_timeout(deadline, &done));
    sim.run_for(seconds(2));
    EXPECT_FALSE(done);
    sim.run_for(seconds(2));
    EXPECT_TRUE(done);
    EXPECT_TRUE(sim.machine.shard(0).timers().empty());
}

}  // namespace
}  // namespace postern::engine
