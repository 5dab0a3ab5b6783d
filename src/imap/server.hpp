// Server: what all IMAP sessions of one shard share, and the way in for connections. One a shard,
// made before the shard accepts and destroyed after its sessions have ended. A session that has
// logged in moves to the account's home shard through the peers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/plaintext_login.hpp"
#include "engine/scope.hpp"
#include "engine/task.hpp"
#include "imap/language.hpp"
#include "imap/limits.hpp"
#include "net/stream.hpp"
#include "store/quota.hpp"

namespace postern::auth {
struct Account;
class Authenticator;
}  // namespace postern::auth
namespace postern::store {
class Store;
}
namespace postern::timeline {
class Recorder;
}

namespace postern::imap {

enum class Security : std::uint8_t { plain, implicit_tls };  // ports 143 and 993

// Literals that clients send without waiting: LITERAL+, or LITERAL- (RFC 7888 §5: never both).
enum class UnaskedLiterals : std::uint8_t { of_any_size, small };

struct ServerOptions {
    std::string host_name;
    auth::PlaintextLogin plaintext_login = auth::PlaintextLogin::refused;
    Duration login_timeout = imap::login_timeout;
    Duration autologout_timeout = imap::autologout_timeout;
    Duration transfer_timeout = imap::transfer_timeout;
    Duration output_timeout = imap::output_timeout;
    Duration failed_login_delay = imap::failed_login_delay;
    Duration idle_refresh_interval = imap::idle_refresh_interval;
    timeline::Recorder* recorder = nullptr;  // of this shard; null: no timelines are kept
    std::uint32_t command_messages_max = imap::command_messages_max;  // RFC 9738
    std::vector<std::string> submission_servers;  // RFC 4467 §3: addresses, for "submit+"
    UnaskedLiterals unasked_literals = UnaskedLiterals::of_any_size;
};

// Since the server was made; read by metrics on this shard.
struct ServerCounters {
    std::uint64_t connections = 0;
    std::uint64_t refused = 0;   // over the listener's limit
    std::uint64_t sessions = 0;  // open now
    std::uint64_t logins = 0;
    std::uint64_t failed_logins = 0;
    std::uint64_t commands = 0;
    std::uint64_t moved_here = 0;  // sessions that came from another shard
};

// A session between two shards: logged in, its tagged OK not yet sent.
struct Handover {
    net::DetachedStream stream;
    std::shared_ptr<const auth::Account> user;
    std::string tag;
    Language language = Language::english;
    std::string_view command;  // the row's name, for "… completed"
};

// Sets the limits of an account, whose address is given; in force on every shard when it returns.
using SetQuota =
    std::function<engine::task<Result<void>>(std::string address, store::QuotaLimits limits)>;

class Server {
 public:
    struct Parts {
        store::Store* store = nullptr;
        auth::Authenticator* authenticator = nullptr;
        net::MakeSecure make_secure;  // none: no TLS, no STARTTLS
        engine::Scope* sessions = nullptr;
        SetQuota set_quota;  // none: nobody can by IMAP
    };

    Server(ServerOptions options, Parts parts);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // By shard number, this server at its own place; set on every shard before any connection.
    // Without peers every session stays where it is.
    void set_peers(std::vector<Server*> peers) { peers_ = std::move(peers); }

    // One connection, for net::run_listener.
    engine::task<void> serve(net::Stream stream, Security security);
    engine::task<void> refuse(net::Stream stream);
    // A session from another shard goes on here; called on this shard.
    void adopt(Handover handover);

    const ServerOptions& options() const { return options_; }
    store::Store& store() const { return *parts_.store; }
    auth::Authenticator& authenticator() const { return *parts_.authenticator; }
    bool can_set_quotas() const { return bool(parts_.set_quota); }
    const SetQuota& set_quota() const { return parts_.set_quota; }
    bool has_tls() const { return bool(parts_.make_secure); }
    std::unique_ptr<net::SecureLayer> make_secure() const { return parts_.make_secure(); }
    // The server of that shard, null when sessions do not move.
    Server* peer(unsigned shard) const { return shard < peers_.size() ? peers_[shard] : nullptr; }
    ServerCounters& counters() { return counters_; }

 private:
    engine::task<void> serve_moved(std::unique_ptr<Handover> handover);

    ServerOptions options_;
    Parts parts_;
    std::vector<Server*> peers_;
    ServerCounters counters_;
};

}  // namespace postern::imap
