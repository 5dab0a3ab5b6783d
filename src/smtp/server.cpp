// Entry of connections; see server.hpp.
#include "smtp/server.hpp"

#include <utility>

#include "smtp/reply.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;

Server::Server(Settings settings, queue::Queue& queue, auth::Authenticator& authenticator,
               net::MakeSecure make_secure)
    : settings_(std::move(settings)),
      queue_(queue),
      authenticator_(authenticator),
      make_secure_(std::move(make_secure)),
      defence_(settings_.defence) {
    auto& limits = settings_.limits;
    limits.message_bytes_max = std::min(limits.message_bytes_max, store::message_bytes_max);
}

void Server::set_peers(const std::vector<Server*>& servers) {
    std::vector<Defence*> peers;
    for (Server* server : servers) peers.push_back(&server->defence_);
    defence_.set_peers(std::move(peers));
}

task<void> Server::serve(net::Stream stream, Role role) {
    ++counters_.sessions;
    Session session(*this, std::move(stream), role);
    co_await session.run();
}

task<void> Server::refuse(net::Stream stream) {
    const Reply reply{Code::unavailable, status::not_accepting,
                      settings_.host_name + " Too many connections, try again later"};
    stream.write(format_reply(reply));
    co_await stream.close(net::deadline_in(limits().close_timeout));
}

}  // namespace postern::smtp
