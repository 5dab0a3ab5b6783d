// The accept loop; see listener.hpp.
#include "net/listener.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"

namespace postern::net {
namespace {

using engine::Shard;
using engine::task;

// A multishot accept. Descriptors wait in `accepted` until the listener's task takes them.
struct Acceptor : engine::Operation {
    explicit Acceptor(int listening) {
        code = engine::OpCode::accept;
        fd = listening;
        on_complete = [](Operation& operation) {
            auto& self = static_cast<Acceptor&>(operation);
            if (self.result >= 0) {
                self.accepted.push_back(self.result);
            } else if (self.result != -ECANCELED) {
                self.failure = -self.result;
            }
            self.event.set();
        };
    }

    std::vector<int> accepted;
    int failure = 0;
    engine::Event event;
};

task<void> serve_counted(ConnectionHandler serve, Stream stream,
                         std::shared_ptr<std::size_t> count) {
    co_await serve(std::move(stream));
    --*count;
}

void hand_over(int fd, const ListenerOptions& options, engine::Scope& sessions,
               const ConnectionHandlers& handlers, const std::shared_ptr<std::size_t>& count) {
    engine::Kernel& kernel = Shard::current().kernel();
    Stream stream(fd, kernel.peer_address(fd), kernel.local_port(fd));
    const bool room = *count < options.connections_max;
    ++*count;
    const ConnectionHandler& handler =
        room ? choose_handler(options.address_counts, handlers, stream) : handlers.refuse;
    sessions.spawn(serve_counted(handler, std::move(stream), count));
}

}  // namespace

const ConnectionHandler& choose_handler(AddressCounts* counts, const ConnectionHandlers& handlers,
                                        Stream& stream) {
    if (counts == nullptr) return handlers.serve;
    auto share = counts->take(stream.peer_address());
    if (share) {
        stream.keep(std::move(*share));
        return handlers.serve;
    }
    return handlers.refuse_network ? handlers.refuse_network : handlers.refuse;
}

task<void> run_listener(ListenerOptions options, engine::Scope* sessions,
                        ConnectionHandlers handlers) {
    engine::File listening(options.fd);
    Acceptor acceptor(options.fd);
    auto count = std::make_shared<std::size_t>(0);
    bool draining = false;
    while (!draining) {
        if (!acceptor.in_flight) Shard::current().kernel().submit(acceptor);
        auto woken = co_await acceptor.event.wait(never, engine::WhenDraining::ends);
        draining = !woken;
        std::vector<int> accepted = std::exchange(acceptor.accepted, {});
        for (int fd : accepted) hand_over(fd, options, *sessions, handlers, count);
        int failure = std::exchange(acceptor.failure, 0);
        if (failure != 0 && !draining) {
            log::warning("net.accept", {{"error", error_from_errno(failure, "accept")}});
            co_await engine::sleep_until(deadline_in(accept_retry_delay));
        }
    }
    Shard::current().kernel().cancel(acceptor);
    while (acceptor.in_flight) co_await acceptor.event.wait(never, engine::WhenDraining::settles);
    for (int fd : acceptor.accepted) engine::File(fd).close_in_background();
}

}  // namespace postern::net
