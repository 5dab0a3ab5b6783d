// A simulated machine for tests of the engine, and an object that counts its own lives.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "sim/machine.hpp"
#include "sim/world.hpp"

namespace postern::engine {

struct SimMachine {
    explicit SimMachine(unsigned shards = 1, std::uint64_t seed = 1, sim::Plan plan = {})
        : world(seed, plan), machine(world.add_machine("10.0.0.1", shards)) {
        machine.boot();
    }
    // Runs to the end on shard 0.
    void run(task<void> work) { run_to_end(machine.shard(0), std::move(work)); }
    void spawn(task<void> work) { machine.spawn(0, std::move(work)); }
    void run_for(Duration duration) { world.run_for(duration); }

    sim::World world;
    sim::Machine& machine;
};

inline task<void> expect_success(task<Result<void>> work) {
    auto result = co_await std::move(work);
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().what);
}

// Appends its name when it is destroyed.
struct Mourned {
    Mourned(std::string* l, char n) : log(l), name(n) {}
    Mourned(const Mourned&) = delete;
    Mourned& operator=(const Mourned&) = delete;
    ~Mourned() { *log += name; }
    std::string* log;
    char name;
};

}  // namespace postern::engine
