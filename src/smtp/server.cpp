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
      defence_(settings_.defence),
      call_outs_(settings_.probe) {
    auto& limits = settings_.limits;
    limits.message_bytes_max = std::min(limits.message_bytes_max, store::message_bytes_max);
}

void Server::set_peers(const std::vector<Server*>& servers) {
    std::vector<Defence*> defences;
    std::vector<CallOuts*> call_outs;
    for (Server* server : servers) {
        defences.push_back(&server->defence_);
        call_outs.push_back(&server->call_outs_);
    }
    defence_.set_peers(std::move(defences));
    call_outs_.set_peers(std::move(call_outs));
}

task<void> Server::serve(net::Stream stream, Role role) {
    ++counters_.sessions;
    Session session(*this, std::move(stream), role);
    co_await session.run();
}

task<void> Server::say_and_close(net::Stream stream, Reply reply) {
    stream.write(format_reply(reply));
    co_await stream.close(net::deadline_in(limits().close_timeout));
}

task<void> Server::refuse(net::Stream stream) {
    return say_and_close(std::move(stream),
                         {Code::unavailable, status::not_accepting,
                          settings_.host_name + " Too many connections, try again later"});
}

task<void> Server::refuse_network(net::Stream stream) {
    return say_and_close(std::move(stream),
                         {Code::unavailable, status::security,
                          settings_.host_name + " Too many connections from your network"});
}

}  // namespace postern::smtp
