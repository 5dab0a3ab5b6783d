// Entry of connections; see server.hpp.
#include "pop3/server.hpp"

#include <utility>

#include "pop3/reply.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;

namespace {

task<void> go_on(Server* server, Handover handover) {
    Session session(*server, std::move(handover));
    co_await session.run();
}

}  // namespace

Server::Server(Settings settings, store::Store& store, auth::Authenticator& authenticator,
               net::MakeSecure make_secure, engine::Scope& sessions)
    : settings_(std::move(settings)),
      store_(store),
      authenticator_(authenticator),
      make_secure_(std::move(make_secure)),
      sessions_(sessions) {}

task<void> Server::serve(net::Stream stream, Role role) {
    ++counters_.sessions;
    Session session(*this, std::move(stream), role);
    co_await session.run();
}

void Server::adopt(Handover handover) {
    sessions_.spawn(go_on(this, std::move(handover)));
}

task<void> Server::refuse(net::Stream stream) {
    stream.write(format_reply(
        refusal("Too many connections, try again later", ResponseCode::system_temporary)));
    co_await stream.close(net::deadline_in(limits().close_timeout));
}

}  // namespace postern::pop3
