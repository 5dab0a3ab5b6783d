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
    int fd = -1;                           // from Kernel::listen
    std::size_t connections_max = 20'000;  // on this shard, from this listener
};

// Serves connections until drained. `serve` makes the task of one connection, which is spawned in
// `sessions`. Over connections_max a connection is handed to `refuse`, which should answer in the
// words of the protocol and end quickly.
struct ConnectionHandlers {
    std::function<engine::task<void>(Stream)> serve;
    std::function<engine::task<void>(Stream)> refuse;
};
engine::task<void> run_listener(ListenerOptions options, engine::Scope* sessions,
                                ConnectionHandlers handlers);

}  // namespace postern::net
