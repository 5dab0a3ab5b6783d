// The limits of names, passwords and authentication exchanges, and the cost of a password hash.
// Units stand last in each name. Relations between limits are asserted here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace postern::auth {

constexpr std::size_t local_part_bytes_max = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t domain_bytes_max = 253;     // RFC 1035 §2.3.4, as text without the root dot
constexpr std::size_t domain_label_bytes_max = 63;
constexpr std::size_t address_bytes_max = 254;  // RFC 5321 §4.5.3.1.3: a path of 256 less "<>"
constexpr std::size_t display_name_bytes_max = 256;
constexpr std::size_t home_component_bytes_max = 255;  // NAME_MAX of every file system we meet
static_assert(local_part_bytes_max * 3 + 24 <= home_component_bytes_max);

constexpr std::uint32_t retention_days_max = 36'500;

// Aliases: what one address may expand to, and how deep aliases of aliases are followed.
constexpr std::size_t alias_targets_max = 1'000;
constexpr std::size_t alias_depth_max = 10;

// RFC 4616 §2 asks for at least 255 octets each.
constexpr std::size_t user_name_bytes_max = 320;
constexpr std::size_t password_bytes_max = 512;
constexpr std::size_t admin_password_characters_min = 8;

// App passwords: "abcd-efgh-…" of 32 different characters, so 5 bits each; the first group is no
// secret, the others are 80 bits.
constexpr std::size_t app_password_groups = 5;
constexpr std::size_t app_password_group_characters = 4;
constexpr std::size_t app_password_bytes =
    app_password_groups * (app_password_group_characters + 1) - 1;
constexpr std::size_t app_passwords_max = 20;  // of one account
constexpr std::size_t app_password_name_bytes_max = 64;
constexpr std::size_t sasl_message_bytes_max = 4'096;
static_assert(2 * user_name_bytes_max + password_bytes_max + 2 <= sasl_message_bytes_max);
constexpr std::size_t sasl_line_bytes_max = 12'288;  // RFC 4954 §4
static_assert(sasl_message_bytes_max * 4 / 3 + 4 <= sasl_line_bytes_max);

// Argon2id as OWASP's password storage guide sets it, one of the choices near RFC 9106 §4.
constexpr std::uint32_t argon2_memory_kib = 19 * 1024;
constexpr std::uint32_t argon2_passes = 2;
constexpr std::uint32_t argon2_lanes = 1;
constexpr std::uint32_t argon2_memory_kib_min = 8;  // RFC 9106 §3.1: 8 a lane
constexpr std::size_t argon2_salt_bytes = 16;
constexpr std::size_t argon2_tag_bytes = 32;
// What verification will agree to spend on a stored hash, whoever wrote it.
constexpr std::uint32_t argon2_memory_kib_max = 1024 * 1024;
constexpr std::uint32_t argon2_passes_max = 64;

constexpr std::uint32_t scram_iterations = 10'000;  // RFC 7677 §4: at least 4096
constexpr std::uint32_t scram_iterations_min = 4'096;
constexpr std::size_t scram_salt_bytes = 16;
constexpr std::size_t scram_nonce_bytes = 18;  // 24 characters; no '=' at the end
constexpr std::size_t decoy_secret_bytes = 32;

// Login cache of one shard.
constexpr std::size_t login_cache_entries_max = 4'096;
constexpr Duration login_cache_lifetime = minutes(10);

}  // namespace postern::auth
