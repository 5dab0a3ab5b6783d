// Authenticated encryption with AES-256-GCM (NIST SP 800-38D), over wolfCrypt. No state: may be
// called on any thread. A pair of key and nonce seals one text and never another.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern::crypto {

constexpr std::size_t seal_key_bytes = 32;
constexpr std::size_t seal_nonce_bytes = 12;
constexpr std::size_t seal_tag_bytes = 16;

// The encrypted text, as long as `plain`, and the tag behind it. `bound_to` is not part of it, but
// must be the same when it is opened.
std::string seal(std::string_view key, std::string_view nonce, std::string_view bound_to,
                 std::string_view plain);
// Nothing: not sealed with this key and nonce, bound to something else, or damaged.
std::optional<std::string> open_sealed(std::string_view key, std::string_view nonce,
                                       std::string_view bound_to, std::string_view sealed);

}  // namespace postern::crypto
