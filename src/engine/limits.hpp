// The engine's named limits. Units last in every name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::engine {

inline constexpr unsigned ring_entries = 1024;             // submission queue of one shard
inline constexpr unsigned ring_completion_entries = 8192;  // completion queue of one shard
inline constexpr unsigned receive_buffers = 512;           // provided buffers of one shard
inline constexpr std::size_t receive_buffer_bytes = 16 * 1024;
// So many of them are offered to the kernel at first, the last used before all others, so that a
// quiet shard touches the memory of few; a shard that runs out of them offers more from then on.
inline constexpr unsigned receive_buffers_offered = 64;
inline constexpr unsigned shards_max = 64;
inline constexpr unsigned ready_rounds_max = 32;  // of the ready queue, in one turn
// Operations completed without being submitted, in one turn.
inline constexpr unsigned answers_at_once_max = 64;
// Chains of one shard (create_file, sync_directory) in flight: each has a slot of the ring's table
// of files. The others wait their turn.
inline constexpr unsigned chain_slots = 128;
inline constexpr unsigned offload_threads_max = 8;
inline constexpr unsigned offload_queue_max = 4096;  // jobs that wait for a pool thread
// A busy shard gathers up to so many completions a turn, and waits at most so long for them.
inline constexpr unsigned gather_completions_max = 16;
inline constexpr std::int64_t gather_wait_ns = 50'000;
inline constexpr std::size_t random_pool_bytes = 1024;  // fetched from the system at once
inline constexpr std::int64_t timer_tick_ns = 1'000'000;

static_assert((ring_entries & (ring_entries - 1)) == 0, "the kernel wants a power of two");
static_assert((receive_buffers & (receive_buffers - 1)) == 0, "the kernel wants a power of two");

}  // namespace postern::engine
