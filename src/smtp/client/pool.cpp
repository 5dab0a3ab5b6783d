// Keeping and giving back; see pool.hpp. A session is with its keeper until take() moves it out;
// whoever finds it still there at the end closes it.
#include "smtp/client/pool.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "smtp/client/limits.hpp"

namespace postern::smtp::client {

using engine::task;

void Pool::put(std::string key, std::unique_ptr<Session> session, Duration idle) {
    auto entry = std::make_shared<Idle>();
    entry->key = std::move(key);
    entry->session = std::move(session);
    if (idle_.size() >= idle_connections_max) idle = {};
    idle_.push_back(entry);
    keepers_.spawn(keep(std::move(entry), net::deadline_in(idle)));
}

task<void> Pool::keep(std::shared_ptr<Idle> idle, MonotonicTime until) {
    co_await idle->event.wait(until, engine::WhenDraining::ends);
    if (idle->session == nullptr) co_return;
    idle_.remove(idle);
    co_await idle->session->quit();
}

std::unique_ptr<Session> Pool::take(const std::string& key, Verified verified) {
    for (auto at = idle_.end(); at != idle_.begin();) {
        --at;
        Idle& idle = **at;
        const bool fits = verified == Verified::no_matter || idle.session->tls().is_verified;
        if (idle.key != key || !fits) continue;
        std::unique_ptr<Session> session = std::move(idle.session);
        idle.event.set();
        at = idle_.erase(at);
        // A server that says something unasked is closing (RFC 5321 §3.8), or has closed.
        if (!session->stream().has_input()) return session;
    }
    return nullptr;
}

void Pool::release(const std::string& key) {
    for (const auto& idle : idle_) {
        const std::string_view all = idle->key;
        if (all.substr(0, all.find(pool_key_separator)) == key) idle->event.set();
    }
}

task<void> Pool::close() {
    for (const auto& idle : idle_) idle->event.set();
    co_await keepers_.join();
}

}  // namespace postern::smtp::client
