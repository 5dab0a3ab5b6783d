// Proofs of recent logins; see login_cache.hpp. All entries live equally long, so the order in
// which they came is the order in which they end.
#include "auth/login_cache.hpp"

#include <utility>

#include "tls/crypto.hpp"

namespace postern::auth {

LoginCache::LoginCache(std::string key, std::size_t entries_max, Duration lifetime)
    : key_(std::move(key)), entries_max_(entries_max), lifetime_(lifetime) {}

LoginCache::~LoginCache() {
    crypto::wipe(key_);
}

// HMAC-SHA-256 over account id and credential version, 8 bytes each, least significant first,
// then the password: fields of fixed length come first, so no two inputs look alike.
std::string LoginCache::proof_of(const Account& account, std::string_view password) const {
    std::string message;
    message.reserve(16 + password.size());
    for (const auto number : {static_cast<std::uint64_t>(account.id), account.credential.version}) {
        for (int shift = 0; shift < 64; shift += 8) {
            message += static_cast<char>((number >> shift) & 0xff);
        }
    }
    message += password;
    std::string proof = crypto::hmac(crypto::Hash::sha256, key_, message);
    crypto::wipe(message);
    return proof;
}

bool LoginCache::knows(const Account& account, std::string_view password, MonotonicTime now) {
    drop_expired(now);
    return !expiry_.empty() && expiry_.contains(proof_of(account, password));
}

std::string LoginCache::remember(const Account& account, std::string_view password,
                                 MonotonicTime now) {
    std::string proof = proof_of(account, password);
    adopt(proof, now);
    return proof;
}

void LoginCache::adopt(std::string proof, MonotonicTime now) {
    drop_expired(now);
    if (entries_max_ == 0 || expiry_.contains(proof)) return;
    if (expiry_.size() >= entries_max_) drop_oldest();
    by_age_.push_back(proof);
    expiry_.emplace(std::move(proof), now + lifetime_);
}

void LoginCache::drop_expired(MonotonicTime now) {
    while (!by_age_.empty() && expiry_.at(by_age_.front()) <= now) drop_oldest();
}

void LoginCache::drop_oldest() {
    expiry_.erase(by_age_.front());
    by_age_.pop_front();
}

}  // namespace postern::auth
