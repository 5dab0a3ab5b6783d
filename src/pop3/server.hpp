// The POP3 server of one shard: what its sessions share, and where sessions arrive that move here
// because their account lives on this shard. Made by the application, one a shard, before the
// listeners; each belongs to its shard and outlives the sessions. RFC 1939, RFC 8314 §3.3 (995).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/authenticator.hpp"
#include "auth/plaintext_login.hpp"
#include "engine/scope.hpp"
#include "engine/task.hpp"
#include "net/stream.hpp"
#include "pop3/limits.hpp"
#include "pop3/texts.hpp"
#include "store/store.hpp"

namespace postern::timeline {
class Recorder;
}

namespace postern::pop3 {

// Which port a session is on.
enum class Role : std::uint8_t {
    pop3,   // 110: TLS by STLS
    pop3s,  // 995: TLS from the first byte
};

struct Settings {
    std::string host_name;  // as greeted with
    auth::PlaintextLogin plaintext_login = auth::PlaintextLogin::refused;
    Duration login_delay;  // between two logins of one account (RFC 2449 §6.5); 0: none
    Limits limits;
    timeline::Recorder* recorder = nullptr;  // of this shard; null: no timelines are kept
};

struct Counters {
    std::uint64_t sessions = 0;
    std::uint64_t logins = 0;
    std::uint64_t logins_failed = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t messages_deleted = 0;
};

// Who has logged in, in terms that mean the same on every shard.
struct Login {
    auth::AccountId account = 0;
    std::string user_name;          // the account's address, for the log
    std::string account_directory;  // of store::Store
    auth::RetentionDays retention;
};

enum class Utf8Mode : std::uint8_t { off, on };  // RFC 6856 §2.1

// A session between two shards.
struct Handover {
    net::DetachedStream stream;
    Login login;
    Language language = Language::english;
    Utf8Mode utf8 = Utf8Mode::off;
};

class Server {
 public:
    // Sessions that move here are spawned in `sessions`.
    Server(Settings settings, store::Store& store, auth::Authenticator& authenticator,
           net::MakeSecure make_secure, engine::Scope& sessions);

    // The servers of all shards by shard number, this one too; once, before serving. With none,
    // every session stays where it is: right on a single shard only.
    void set_peers(std::vector<Server*> peers) { peers_ = std::move(peers); }
    const std::vector<Server*>& peers() const { return peers_; }

    // One connection, from greeting to end. For net::ConnectionHandlers.
    engine::task<void> serve(net::Stream stream, Role role);
    // Too many connections.
    engine::task<void> refuse(net::Stream stream);
    // Goes on with a session from another shard, after its login. On this server's shard.
    void adopt(Handover handover);

    // RFC 2449 §6.5: whether the account may log in now, on its home shard; if so, this counts.
    bool admit_login(const std::string& account_directory);

    const Settings& settings() const { return settings_; }
    const Limits& limits() const { return settings_.limits; }
    store::Store& store() { return store_; }
    auth::Authenticator& authenticator() { return authenticator_; }
    bool has_tls() const { return bool(make_secure_); }
    std::unique_ptr<net::SecureLayer> make_secure() const {
        return has_tls() ? make_secure_() : nullptr;
    }
    Counters& counters() { return counters_; }

 private:
    Settings settings_;
    store::Store& store_;
    auth::Authenticator& authenticator_;
    net::MakeSecure make_secure_;
    engine::Scope& sessions_;
    std::vector<Server*> peers_;
    Counters counters_;
    std::unordered_map<std::string, MonotonicTime> last_logins_;
};

}  // namespace postern::pop3
