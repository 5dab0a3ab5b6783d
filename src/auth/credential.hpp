// What is kept instead of a password: an Argon2id hash (RFC 9106) as a PHC string and the SCRAM
// keys of RFC 5802 §3 and RFC 7677 §3, all derived at the moment the password is set.
//
// BLOCKING: make_credential and verify_password burn tens of milliseconds of CPU and megabytes of
// memory. They are pure and run in the offload pool, never on a shard thread. Passwords are
// prepared by SASLprep (RFC 4013) on both sides, so that every way of typing "é" is one password.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/limits.hpp"
#include "base/error.hpp"

namespace postern::auth {

// What one password hash costs. Tests and the simulator use `cheap_password_cost`.
struct PasswordCost {
    std::uint32_t memory_kib = argon2_memory_kib;
    std::uint32_t passes = argon2_passes;
    std::uint32_t lanes = argon2_lanes;
    std::uint32_t scram_iterations = auth::scram_iterations;
};
constexpr PasswordCost cheap_password_cost{argon2_memory_kib_min, 1, 1, 1};

// RFC 5802 §3: raw bytes, not base64.
struct ScramKeys {
    std::uint32_t iterations = 0;
    std::string salt;
    std::string stored_key;
    std::string server_key;
    friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

struct Credential {
    std::uint64_t version = 0;  // grows with each change of the password
    std::string password_hash;  // "$argon2id$v=19$m=…,t=…,p=…$salt$tag"; empty: no password fits
    std::optional<ScramKeys> scram_sha1;
    std::optional<ScramKeys> scram_sha256;
};

// Random bytes that make_credential wants, and how many.
constexpr std::size_t credential_entropy_bytes = argon2_salt_bytes + 2 * scram_salt_bytes;

// SASLprep (RFC 4013), unassigned code points allowed as in a query (RFC 3454 §7): spaces become
// U+0020, NFKC. Errors: not_utf8; forbidden_byte for control characters and the like, or when
// nothing is left; limit over password_bytes_max.
Result<std::string> prepare_password(std::string_view password);

// BLOCKING. Everything but the version. `entropy` holds credential_entropy_bytes random bytes.
// Errors of prepare_password; exhausted when the memory for Argon2id is not to be had.
Result<Credential> make_credential(std::string_view password, const PasswordCost& cost,
                                   std::string_view entropy);

// BLOCKING. False for a wrong password, one that cannot be prepared and a damaged record alike.
bool verify_password(const Credential& record, std::string_view password);

// A record that no password fits but that costs as much to verify as a real one of this cost:
// verified for unknown users, so that time does not tell which users exist.
Credential decoy_credential(const PasswordCost& cost);

}  // namespace postern::auth
