// ShardGroup: one pinned thread a shard, each with its own UringKernel, started together and waited
// for. The program's main thread becomes nothing but the one that waits.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/shard.hpp"

namespace postern::engine {

enum class PinThreads : unsigned char { no, yes };

struct ShardGroupOptions {
    unsigned shard_count = 0;  // 0: one for each core this process may run on
    unsigned offload_threads = 2;
    PinThreads pin = PinThreads::yes;
};

// Runs `main(shard)` on every shard and returns when all shards have stopped (Shard::stop()).
// A text when a ring could not be made: nothing ran.
std::optional<std::string> run_shards(ShardGroupOptions options,
                                      const std::function<task<void>(Shard&)>& main);

unsigned available_cores();

}  // namespace postern::engine
