// The short-lived proof that spares the next login of the same client the cost of Argon2id: after
// a success, a keyed hash of account, credential version and password is kept for some minutes.
// Owned by one shard, no locks; shards tell each other of new proofs. Neither passwords nor
// anything that helps without this process's random key is in it. A changed password has a new
// credential version, so what was remembered for the old one never matches again; it just grows
// old.
//
// A hit does not prolong an entry's life: the full price is paid once in each lifetime. A miss
// says nothing about the password; verify_password in the offload pool decides.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/directory.hpp"
#include "auth/limits.hpp"
#include "base/time.hpp"

namespace postern::auth {

class LoginCache {
 public:
    // `key`: at least 32 random bytes of this process (crypto::random_bytes), the same on all
    // shards.
    explicit LoginCache(std::string key, std::size_t entries_max = login_cache_entries_max,
                        Duration lifetime = login_cache_lifetime);
    ~LoginCache();
    LoginCache(const LoginCache&) = delete;
    LoginCache& operator=(const LoginCache&) = delete;

    // Whether this very password was verified for this very credential lately.
    bool knows(const Account& account, std::string_view password, MonotonicTime now);

    // After verify_password said yes, with the account as it was verified. The oldest entry
    // makes room. Gives the proof.
    std::string remember(const Account& account, std::string_view password, MonotonicTime now);
    // What remember() gave on another shard.
    void adopt(std::string proof, MonotonicTime now);

    std::size_t size() const { return expiry_.size(); }

 private:
    std::string proof_of(const Account& account, std::string_view password) const;
    void drop_expired(MonotonicTime now);
    void drop_oldest();

    std::string key_;
    std::size_t entries_max_;
    Duration lifetime_;
    std::unordered_map<std::string, MonotonicTime> expiry_;  // by proof
    std::deque<std::string> by_age_;                         // proofs, oldest first
};

}  // namespace postern::auth
