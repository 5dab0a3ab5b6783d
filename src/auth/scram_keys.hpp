// SCRAM keys from a password (RFC 5802 §3, RFC 7677 §3). BLOCKING: `iterations` rounds of PBKDF2;
// runs where passwords are set, in the offload pool.
#pragma once

#include <string_view>

#include "auth/credential.hpp"
#include "tls/crypto.hpp"

namespace postern::auth {

// `prepared` has been through prepare_password.
ScramKeys derive_scram_keys(crypto::Hash hash, std::string_view prepared, std::string_view salt,
                            std::uint32_t iterations);

}  // namespace postern::auth
