// Ed25519 signatures (RFC 8032), checked with wolfCrypt. No state: may be called on any thread.
// Nothing here signs: keys that sign are kept where files are made, not where they are used.
#pragma once

#include <cstddef>
#include <string_view>

namespace postern::crypto {

constexpr std::size_t ed25519_key_bytes = 32;
constexpr std::size_t ed25519_signature_bytes = 64;

// RFC 8032 §5.1.7: whether the owner of the public key has signed the message. False too when key
// or signature are of another length or no point of the curve.
bool is_signed_by(std::string_view public_key, std::string_view message,
                  std::string_view signature);

}  // namespace postern::crypto
