// The SMTP server of one shard: what its sessions share. Made by the application, one a shard,
// before the listeners; all of it belongs to that shard and outlives the sessions.
// RFC 5321 (port 25), RFC 6409 (587), RFC 8314 §3.3 (465), RFC 2033 (LMTP).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auth/authenticator.hpp"
#include "auth/plaintext_login.hpp"
#include "engine/task.hpp"
#include "net/network.hpp"
#include "net/stream.hpp"
#include "queue/queue.hpp"
#include "smtp/defence.hpp"
#include "smtp/limits.hpp"
#include "smtp/relay_domains.hpp"
#include "store/store.hpp"

namespace postern::timeline {
class Recorder;
}

namespace postern::smtp {

// Which port a session is on.
enum class Role : std::uint8_t {
    relay,        // 25: mail from other servers for accounts of this one
    submission,   // 587: from mail clients, which log in; TLS by STARTTLS
    submissions,  // 465: the same, TLS from the first byte
    lmtp,         // 24 or a Unix socket: from an MTA of ours in front (RFC 2033)
};

// Where mail for user+tag goes.
enum class SubaddressUse : std::uint8_t {
    inbox,
    mailbox,  // to the mailbox of that name, if there is one
};

struct Settings {
    std::string host_name;  // as greeted with and in trace fields
    auth::PlaintextLogin plaintext_login = auth::PlaintextLogin::refused;
    Limits limits;
    SubaddressUse subaddress_use = SubaddressUse::inbox;
    std::vector<net::Network> xclient_networks;  // who may say whose connection it is
    DefenceSettings defence;
    std::shared_ptr<const RelayDomains> relay_domains;  // null: there are none
    timeline::Recorder* recorder = nullptr;  // of this shard; null: no timelines are kept
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
    Defence& defence() { return defence_; }
    // The servers of all shards, by shard; once, before the sessions.
    void set_peers(const std::vector<Server*>& servers);

 private:
    Settings settings_;
    queue::Queue& queue_;
    auth::Authenticator& authenticator_;
    net::MakeSecure make_secure_;
    Defence defence_;
    Counters counters_;
};

}  // namespace postern::smtp
