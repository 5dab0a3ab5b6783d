// Passwords at rest; see credential.hpp. libargon2 hashes and compares in constant time.
#include "auth/credential.hpp"

#include <argon2.h>

#include "auth/saslprep.hpp"
#include "auth/scram_keys.hpp"
#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace postern::auth {
namespace {

// RFC 9106 §3, in the PHC string format.
Result<std::string> hash_argon2id(std::string_view prepared, const PasswordCost& cost,
                                  std::string_view salt) {
    std::string encoded(
        argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes,
                          static_cast<std::uint32_t>(salt.size()), argon2_tag_bytes, Argon2_id),
        '\0');
    const int rc = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, prepared.data(),
                                         prepared.size(), salt.data(), salt.size(),
                                         argon2_tag_bytes, encoded.data(), encoded.size());
    if (rc != ARGON2_OK) return fail_internal(ErrorCode::exhausted, argon2_error_message(rc));
    encoded.resize(encoded.find('\0'));
    return encoded;
}

// The value of `name=` among the parameters of a PHC string, 0 when there is none.
std::uint32_t phc_parameter(std::string_view phc, std::string_view name) {
    const std::size_t at = phc.find(name);
    if (at == std::string_view::npos) return 0;
    const std::string_view rest = phc.substr(at + name.size());
    return parse_decimal32(rest.substr(0, rest.find_first_of(",$"))).value_or(0);
}

bool has_bearable_cost(std::string_view phc) {
    if (!phc.starts_with("$argon2id$")) return false;
    const std::uint32_t memory_kib = phc_parameter(phc, "m=");
    const std::uint32_t passes = phc_parameter(phc, ",t=");
    return memory_kib > 0 && memory_kib <= argon2_memory_kib_max && passes > 0 &&
           passes <= argon2_passes_max;
}

}  // namespace

Result<std::string> prepare_password(std::string_view password) {
    if (password.empty()) return fail_request(ErrorCode::forbidden_byte, "empty password");
    if (password.size() > password_bytes_max) {
        return fail_request(ErrorCode::limit, "password over its limit");
    }
    auto prepared = apply_saslprep(password);
    if (prepared && prepared->empty()) {
        return fail_request(ErrorCode::forbidden_byte, "password of invisible characters only");
    }
    return prepared;
}

Result<Credential> make_credential(std::string_view password, const PasswordCost& cost,
                                   std::string_view entropy) {
    if (entropy.size() != credential_entropy_bytes) {
        return fail_internal(ErrorCode::exhausted, "random bytes for a credential");
    }
    const auto prepared = prepare_password(password);
    if (!prepared) return std::unexpected(prepared.error());
    auto hash = hash_argon2id(*prepared, cost, entropy.substr(0, argon2_salt_bytes));
    if (!hash) return std::unexpected(hash.error());
    const std::string_view salts = entropy.substr(argon2_salt_bytes);
    Credential record;
    record.password_hash = std::move(*hash);
    record.scram_sha1 = derive_scram_keys(crypto::Hash::sha1, *prepared,
                                          salts.substr(0, scram_salt_bytes), cost.scram_iterations);
    record.scram_sha256 = derive_scram_keys(crypto::Hash::sha256, *prepared,
                                            salts.substr(scram_salt_bytes), cost.scram_iterations);
    return record;
}

bool verify_password(const Credential& record, std::string_view password) {
    if (!has_bearable_cost(record.password_hash)) return false;
    const auto prepared = prepare_password(password);
    if (!prepared) return false;
    return argon2id_verify(record.password_hash.c_str(), prepared->data(), prepared->size()) ==
           ARGON2_OK;
}

// A well-formed PHC string whose tag is all zeros: found by nobody's password.
Credential decoy_credential(const PasswordCost& cost) {
    const auto unpadded = [](std::size_t bytes) {
        std::string text = base64_encode(std::string(bytes, '\0'));
        while (text.ends_with('=')) text.pop_back();
        return text;
    };
    Credential record;
    record.password_hash = "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
                           ",t=" + std::to_string(cost.passes) +
                           ",p=" + std::to_string(cost.lanes) + "$" + unpadded(argon2_salt_bytes) +
                           "$" + unpadded(argon2_tag_bytes);
    return record;
}

}  // namespace postern::auth
