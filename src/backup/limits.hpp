// The named limits of backups, units last. What a target holds may have been written by anybody: no
// length in it is believed beyond these.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::backup::limits {

// Files are cut into pieces; each is sealed for itself.
inline constexpr std::size_t piece_bytes_max = 1024 * 1024;
// A pack is written when it has grown to this: what an interrupted backup may lose.
inline constexpr std::size_t pack_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t pack_bytes_max = pack_bytes + 16 * piece_bytes_max;
inline constexpr std::size_t snapshot_bytes_max = 256 * 1024 * 1024;
inline constexpr std::size_t node_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t text_bytes_max = 4'096;  // a name or a path in a node
inline constexpr std::size_t key_file_bytes_max = 4'096;
inline constexpr std::size_t small_file_bytes_max = 64 * 1024 * 1024;  // settings, lists, keys
inline constexpr std::size_t index_bytes_max = 1024 * 1024 * 1024;     // of a mailbox
inline constexpr std::size_t database_bytes_max = 1024 * 1024 * 1024;

// Messages with neighbouring UIDs lie on one page of their mailbox's list.
inline constexpr std::uint32_t uids_per_page = 1'024;
// Another look at what changed while it was being read.
inline constexpr int looks_max = 3;

// Above whatever the backup knows: no UID and no mod-sequence that a client may have seen after the
// backup is ever given again.
inline constexpr std::uint32_t uid_gap = 1'000'000;
inline constexpr std::uint64_t modseq_gap = 1'000'000'000'000;

// Argon2id for passphrases: one guess costs 64 MiB (RFC 9106 §4, the second choice).
inline constexpr std::uint32_t argon2_memory_kib = 64 * 1024;
inline constexpr std::uint32_t argon2_passes = 3;
inline constexpr std::uint32_t argon2_lanes = 1;
inline constexpr std::uint32_t argon2_memory_kib_max = 1024 * 1024;
inline constexpr std::uint32_t argon2_passes_max = 64;
inline constexpr std::size_t passphrase_bytes_min = 8;
inline constexpr std::size_t salt_bytes = 32;

inline constexpr std::size_t sample_messages = 100;      // of a verification
inline constexpr std::size_t listed_messages_max = 100;  // at a time, to choose from
inline constexpr std::size_t listed_text_bytes_max = 200;

// Unless something else has been set: when a backup is made by itself, and how long it is kept.
inline constexpr std::uint32_t nightly_minute = 3 * 60;  // of the day
inline constexpr std::uint32_t day_minutes = 24 * 60;
inline constexpr std::uint32_t keep_days = 30;
inline constexpr std::uint32_t keep_months = 12;
inline constexpr std::uint32_t keep_max = 36'500;

}  // namespace postern::backup::limits
