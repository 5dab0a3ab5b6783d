// Same seed, same world; time only moves when nobody has anything to do.
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include "engine/io.hpp"
#include "sim/client.hpp"
#include "sim/machine.hpp"

namespace postern::sim {
namespace {

using engine::task;
using engine::try_;

task<Result<void>> write_some(std::string path) {
    std::string bytes(5000, 'x');
    for (int i = 0; i < 5; ++i) co_await try_(engine::replace_file(path, bytes));
    co_return {};
}

task<void> write_and_count(std::string path, unsigned* done) {
    co_await write_some(std::move(path));
    ++*done;
}

std::uint64_t hash_of(std::uint64_t seed) {
    Plan plan;
    plan.faults.write_eio = 0.05;
    plan.faults.short_write = 0.2;
    plan.faults.stall = 0.05;
    World world(seed, plan);
    Machine& machine = world.add_machine("10.0.0.1", 3);
    machine.boot();
    unsigned done = 0;
    for (unsigned i = 0; i < 12; ++i) {
        machine.spawn(i % 3, write_and_count("/f" + std::to_string(i), &done));
    }
    EXPECT_TRUE(world.run_until([&] { return done == 12; }, world.now() + seconds(100)));
    machine.power_cut();
    return world.trace_hash();
}

TEST(World, IsDecidedByItsSeed) {
    EXPECT_EQ(hash_of(1), hash_of(1));
    EXPECT_EQ(hash_of(77), hash_of(77));
    EXPECT_NE(hash_of(1), hash_of(2));
}

task<void> sleep_long(MonotonicTime until, bool* woke) {
    auto slept = co_await engine::sleep_until(until);
    *woke = slept.has_value();
}

TEST(World, TimeJumpsToTheNextDeadline) {
    World world(3);
    Machine& machine = world.add_machine("10.0.0.1", 1);
    machine.boot();
    bool woke = false;
    MonotonicTime start = world.now();
    machine.spawn(0, sleep_long(start + seconds(3 * 86'400), &woke));
    EXPECT_TRUE(world.run_until([&] { return woke; }, never));
    EXPECT_GE(world.now(), start + seconds(3 * 86'400));
    EXPECT_LT(world.now(), start + seconds(3 * 86'400 + 1));
    EXPECT_LT(world.steps(), 100u);
    EXPECT_GE(world.wall_now().unix_seconds(), 1'790'000'000);
}

TEST(World, RunUntilStopsAtItsDeadline) {
    World world(3);
    MonotonicTime deadline = world.now() + seconds(5);
    EXPECT_FALSE(world.run_until([] { return false; }, deadline));
    EXPECT_EQ(world.now(), deadline);
}

TEST(World, RunToEndStepsTheRestOfTheWorld) {
    World world(4);
    Machine& machine = world.add_machine("10.0.0.1", 2);
    machine.boot();
    unsigned done = 0;
    machine.spawn(1, write_and_count("/other", &done));
    engine::run_to_end(machine.shard(0), write_and_count("/mine", &done));
    EXPECT_GE(done, 1u);
    machine.shut_down();
    EXPECT_EQ(done, 2u);
}

TEST(World, StoppedMachineUnwindsItsTasks) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        World world(seed);
        Machine& machine = world.add_machine("10.0.0.1", 2);
        machine.boot();
        unsigned done = 0;
        bool woke = false;
        for (unsigned i = 0; i < 8; ++i) {
            machine.spawn(i % 2, write_and_count("/f" + std::to_string(i), &done));
        }
        machine.spawn(0, sleep_long(world.now() + seconds(1000), &woke));
        world.run_for(microseconds(std::int64_t(seed) * 100));
        if (seed % 2 == 0) {
            machine.power_cut();
        } else {
            machine.kill();
        }
        EXPECT_EQ(done, 8u);  // each ended, with an error or not
        EXPECT_FALSE(woke);
        EXPECT_TRUE(machine.is_idle());
        machine.boot();
        EXPECT_EQ(machine.boots(), 2u);
    }
}

}  // namespace
}  // namespace postern::sim
