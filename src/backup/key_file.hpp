// The key of a target, and how a passphrase opens it: the file postern-backup, text that says what
// this is to whoever finds it:
//
//   postern-backup 1
//   memory_kib 65536
//   passes 3
//   lanes 1
//   salt 9f…          32 bytes, hexadecimal
//   key 51…           the key, sealed under the passphrase's, hexadecimal
//   crc32c 5d1e2a3b   over all lines above
//
// The passphrase's key is Argon2id (RFC 9106) of passphrase and salt; the sealed key is AES-256-GCM
// with a nonce of zeros, bound to the first line: that key seals nothing else. Costs tens of
// megabytes of memory and tenths of a second.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backup/limits.hpp"
#include "backup/target.hpp"

namespace postern::backup {

struct KeyCost {
    std::uint32_t memory_kib = limits::argon2_memory_kib;
    std::uint32_t passes = limits::argon2_passes;
    std::uint32_t lanes = limits::argon2_lanes;
};
constexpr KeyCost cheap_key_cost{8, 1, 1};  // for tests

// Makes a new key and writes the file; refused when the target has one, or the passphrase is too
// short. The key is 32 bytes that nobody can be shown.
Outcome<std::string> create_key_file(Target& target, std::string_view passphrase,
                                     const KeyCost& cost = {});
// no_backup: there is no such file; passphrase: it does not open it; damaged; newer.
Outcome<std::string> open_key_file(Target& target, std::string_view passphrase);

}  // namespace postern::backup
