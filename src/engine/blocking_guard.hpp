// Proof that a shard never blocks: a seccomp filter for the calling thread that lets through what a
// shard needs (entering the ring, memory, waking others, naming a peer) and ends the process at
// anything else, reads, writes and futex waits among them. For tests: the daemon installs it on its
// shards when started with --forbid-blocking. seccomp(2).
#pragma once

#include <optional>
#include <string>

namespace postern::engine {

// A text when the filter cannot be installed. There is no way back.
std::optional<std::string> forbid_blocking_calls();

}  // namespace postern::engine
