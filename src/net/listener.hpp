// Listening sockets: a multishot accept on every shard (SO_REUSEPORT shares the port), one task a
// connection. When the scope drains or is cancelled, accepting ends and the socket is closed.
#pragma once

#include <cstddef>
#include <functional>

#include "engine/scope.hpp"
#include "engine/task.hpp"
#include "net/stream.hpp"

namespace postern::net {

struct ListenerOptions {
    int fd = -1;                              // from Kernel::listen
    std::size_t connections_max = 20'000;     // on this shard, from this listener
    AddressCounts* address_counts = nullptr;  // of the process, outlives it; null: not counted
};

using ConnectionHandler = std::function<engine::task<void>(Stream)>;

// Serves connections until drained. `serve` makes the task of one connection, which is spawned in
// `sessions`. Over connections_max a connection is handed to `refuse`, which should answer in the
// words of the protocol and end quickly; when it is its network that has too many, to
// `refuse_network`, if there is one.
struct ConnectionHandlers {
    ConnectionHandler serve;
    ConnectionHandler refuse;
    ConnectionHandler refuse_network;
};
// Counts the connection by its address, where `counts` is not null; who is to have it.
const ConnectionHandler& choose_handler(AddressCounts* counts, const ConnectionHandlers& handlers,
                                        Stream& stream);

engine::task<void> run_listener(ListenerOptions options, engine::Scope* sessions,
                                ConnectionHandlers handlers);

}  // namespace postern::net
