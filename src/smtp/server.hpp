// The SMTP server of one shard: what its sessions share. Made by the application, one a shard,
// before the listeners; all of it belongs to that shard and outlives the sessions.
// RFC 5321 (port 25), RFC 6409 (587), RFC 8314 §3.3 (465).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "auth/authenticator.hpp"
#include "auth/plaintext_login.hpp"
#include "engine/task.hpp"
#include "net/stream.hpp"
#include "queue/queue.hpp"
#include "smtp/limits.hpp"
#include "store/store.hpp"

namespace postern::smtp {

// Which port a session is on.
enum class Role : std::uint8_t {
    relay,        // 25: mail from other servers for accounts of this one
    submission,   // 587: from mail clients, which log in; TLS by STARTTLS
    submissions,  // 465: the same, TLS from the first byte
};

struct Settings {
    std::string host_name;  // as greeted with and in trace fields
    auth::PlaintextLogin plaintext_login = auth::PlaintextLogin::refused;
    Limits limits;
};

struct Counters {
    std::uint64_t sessions = 0;
    std::uint64_t messages_accepted = 0;
    std::uint64_t messages_refused = 0;
    std::uint64_t bytes_accepted = 0;
    std::uint64_t recipients_refused = 0;
    std::uint64_t logins = 0;
    std::uint64_t logins_failed = 0;
};

class Server {
 public:
    Server(Settings settings, queue::Queue& queue, auth::Authenticator& authenticator,
           net::MakeSecure make_secure);

    // One connection, from greeting to end. For net::ConnectionHandlers.
    engine::task<void> serve(net::Stream stream, Role role);
    // RFC 5321 §3.1: too many connections.
    engine::task<void> refuse(net::Stream stream);

    const Settings& settings() const { return settings_; }
    const Limits& limits() const { return settings_.limits; }
    queue::Queue& queue() { return queue_; }
    store::Store& store() { return queue_.store(); }
    auth::Authenticator& authenticator() { return authenticator_; }
    const auth::Directory& directory() const { return *authenticator_.directory(); }
    bool has_tls() const { return bool(make_secure_); }
    std::unique_ptr<net::SecureLayer> make_secure() const {
        return has_tls() ? make_secure_() : nullptr;
    }
    Counters& counters() { return counters_; }

 private:
    Settings settings_;
    queue::Queue& queue_;
    auth::Authenticator& authenticator_;
    net::MakeSecure make_secure_;
    Counters counters_;
};

}  // namespace postern::smtp
