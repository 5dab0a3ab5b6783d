// Connecting to an address, perhaps from a given address of ours, or to whichever of several
// answers first. On the shard that asks. RFC 8305 §5 (happy eyeballs).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "net/stream.hpp"

namespace postern::net {

// Errors are ErrorKind::gone or internal, with the errno of connect(2). `source`: an address of
// this machine and of the same family, or empty.
engine::task<Result<Stream>> connect_to(std::string address, std::uint16_t port, std::string source,
                                        MonotonicTime deadline);

// Whether such an error says that the source cannot be bound: nothing about the other side.
bool is_source_failure(const Error& error);

struct Candidate {
    std::string address;
    std::string source;  // as above
};

// By their places among the candidates.
struct Raced {
    std::optional<Stream> stream;  // to the winner
    std::size_t winner = 0;
    std::vector<std::size_t> failed;
    std::vector<std::size_t> unbound;  // of those: the source could not be bound
    Error error;                       // of the last that failed, or why it came to no end
};

// Each begins connect_stagger after the one before it, or as soon as that has failed; the first
// that answers wins. Those that had not failed by then are given up, and may be tried another time.
// Each has `timeout`.
engine::task<Raced> connect_to_any(std::vector<Candidate> candidates, std::uint16_t port,
                                   Duration timeout);

}  // namespace postern::net
