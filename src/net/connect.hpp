// Connecting to one address, perhaps from a given address of ours. On the shard that asks.
#pragma once

#include <cstdint>
#include <string>

#include "engine/task.hpp"
#include "net/stream.hpp"

namespace postern::net {

// Errors are ErrorKind::gone or internal, with the errno of connect(2). `source`: an address of
// this machine and of the same family, or empty.
engine::task<Result<Stream>> connect_to(std::string address, std::uint16_t port, std::string source,
                                        MonotonicTime deadline);

}  // namespace postern::net
