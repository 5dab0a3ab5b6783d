// Authenticator: who a user is, on a shard. One a shard, holding that shard's snapshot of the
// directory and its login cache. A password is checked in the offload pool; a client that proved
// it a moment ago is known from the cache and costs no Argon2id. SCRAM costs a few HMACs and stays
// on the shard.
//
// A login by AUTH or AUTHENTICATE:
//     auto exchange = authenticator.begin(mechanism, stream.secure());      // nothing: not offered
//     auto step = co_await try_(converse_sasl(&stream, &*exchange, initial_response, wire));
//     … cancelled, too_long and malformed are answered by the protocol …
//     auto account = co_await authenticator.conclude(std::move(step));
//
// Refusals are peer_request errors that cost time and are counted by the session: `authentication`
// for a wrong name or password, `refused` for acting for somebody else, `unsupported` for a channel
// binding that does not fit. Their texts are for the log; `exhausted`: the pool is full, try later.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/directory.hpp"
#include "auth/login_cache.hpp"
#include "auth/open_logins.hpp"
#include "auth/sasl.hpp"
#include "base/error.hpp"
#include "engine/task.hpp"
#include "net/secure_layer.hpp"

namespace postern::auth {

using LoginResult = Result<std::shared_ptr<const Account>>;  // the account keeps its snapshot alive

class Authenticator {
 public:
    // `cache_key`: random bytes of this process, the same on all shards.
    Authenticator(std::shared_ptr<const Directory> directory, PasswordCost cost,
                  std::string cache_key);

    // By shard. Who has proved a password on one of them has on all.
    void set_peers(std::vector<Authenticator*> peers) { peers_ = std::move(peers); }

    const std::shared_ptr<const Directory>& directory() const { return directory_; }
    void set_directory(std::shared_ptr<const Directory> directory);

    // A session of this account is open: `entry` is ended when the account may not log in any more.
    void note_login(OpenLogins::Entry& entry, AccountId account, engine::Event* wake) {
        entry.enter(open_logins_, *directory_, account, wake);
    }

    // authentication: wrong name or password, or a disabled account, the same after the same work.
    engine::task<LoginResult> log_in(std::string user_name, std::string password);

    // What is announced on a connection with this TLS layer; null: none.
    static std::span<const std::string_view> mechanisms(const net::SecureLayer* secure);
    // Case-insensitive; nothing when the mechanism cannot be had on this connection.
    std::optional<SaslExchange> begin(std::string_view mechanism, const net::SecureLayer* secure);
    // Of a step that ended an exchange and is none of cancelled, too_long and malformed.
    engine::task<LoginResult> conclude(SaslStep step);

 private:
    void remember(const Account& account, std::string_view password);
    std::unique_ptr<Mechanism> make_scram_mechanism(std::string_view name,
                                                    ChannelBindings bindings);

    std::shared_ptr<const Directory> directory_;
    PasswordCost cost_;
    Credential decoy_;
    LoginCache cache_;
    std::vector<Authenticator*> peers_;
    OpenLogins open_logins_;
};

}  // namespace postern::auth
