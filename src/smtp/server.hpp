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
#include "smtp/address_completion.hpp"
#include "smtp/call_outs.hpp"
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

// What becomes of a recipient that the inner server could not be asked about.
enum class Unverified : std::uint8_t { put_off, taken };

struct Settings {
    std::string host_name;  // as greeted with and in trace fields
    auth::PlaintextLogin plaintext_login = auth::PlaintextLogin::refused;
    Limits limits;
    SubaddressUse subaddress_use = SubaddressUse::inbox;
    std::vector<net::Network> xclient_networks;  // who may say whose connection it is
    DefenceSettings defence;
    std::shared_ptr<const RelayDomains> relay_domains;  // null: there are none
    timeline::Recorder* recorder = nullptr;  // of this shard; null: no timelines are kept
    // Asks about recipients that no list names; null: they are taken.
    std::shared_ptr<RecipientProbe> probe;
    Unverified unverified = Unverified::put_off;
    Completion completion = Completion::known;
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
    // RFC 5321 §7.8: too many of one network.
    engine::task<void> refuse_network(net::Stream stream);

    const Settings& settings() const { return settings_; }
    const Limits& limits() const { return settings_.limits; }
    queue::Queue& queue() { return queue_; }
    store::Store& store() { return queue_.store(); }
    auth::Authenticator& authenticator() { return authenticator_; }
    const auth::Directory& directory() const { return *authenticator_.directory(); }
    // From here on.
    void set_relay_domains(std::shared_ptr<const RelayDomains> domains) {
        settings_.relay_domains = std::move(domains);
    }
    bool has_tls() const { return bool(make_secure_); }
    std::unique_ptr<net::SecureLayer> make_secure() const {
        return has_tls() ? make_secure_() : nullptr;
    }
    Counters& counters() { return counters_; }
    Defence& defence() { return defence_; }
    CallOuts& call_outs() { return call_outs_; }
    // The servers of all shards, by shard; once, before the sessions.
    void set_peers(const std::vector<Server*>& servers);
    // When no shard has sessions any more.
    engine::task<void> close() { return call_outs_.close(); }

 private:
    engine::task<void> say_and_close(net::Stream stream, Reply reply);

    Settings settings_;
    queue::Queue& queue_;
    auth::Authenticator& authenticator_;
    net::MakeSecure make_secure_;
    Defence defence_;
    CallOuts call_outs_;
    Counters counters_;
};

}  // namespace postern::smtp
