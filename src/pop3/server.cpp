// Entry of connections; see server.hpp.
#include "pop3/server.hpp"

#include <utility>

#include "engine/shard.hpp"
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

bool Server::admit_login(const std::string& account_directory) {
    const Duration delay = settings_.login_delay;
    if (delay.ns <= 0) return true;
    const MonotonicTime now = engine::Shard::current().now();
    const auto last = last_logins_.find(account_directory);
    if (last != last_logins_.end() && now < last->second + delay) return false;
    if (last_logins_.size() >= last_logins_max) {
        std::erase_if(last_logins_, [&](const auto& entry) { return now >= entry.second + delay; });
    }
    // Beyond the limit whoever is new is let in and forgotten.
    if (last != last_logins_.end() || last_logins_.size() < last_logins_max) {
        last_logins_[account_directory] = now;
    }
    return true;
}

task<void> Server::refuse(net::Stream stream) {
    stream.write(format_reply(
        refusal("Too many connections, try again later", ResponseCode::system_temporary)));
    co_await stream.close(net::deadline_in(limits().close_timeout));
}

}  // namespace postern::pop3
