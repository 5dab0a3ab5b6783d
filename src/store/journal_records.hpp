// Records of the journal (journal.hpp). A file is a row of them, from its beginning:
//
//   magic u32 | kind u32 | length u32 | crc32c u32 | epoch u64 | sequence u64 | payload | padding
//
// little-endian, padded with zeros to eight bytes. `length` is the payload's, and the checksum is
// of all that follows it up to the payload's end, then of kind and length. Every use of a file has
// an epoch of its own, a random number: a row ends where the epoch or the checksum is another one,
// or where a sequence does not follow the one before. Payloads:
//
//   message   u16 length and mailbox directory, below the data directory; u16 length and name in
//             it, "new/…" or "cur/…" (file_name.hpp); the bytes of the message
//   pair      two files that are something only together: u16 length and path of the one, below the
//             data directory, u32 length and its bytes; u16 length and path of the other; its bytes
//   cancel    sequences, u64 each: these messages and pairs are not to be brought back
//
// Pure functions; views into the bytes given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

enum class JournalKind : std::uint32_t { message = 1, cancel = 2, pair = 3 };

inline constexpr std::size_t journal_header_bytes = 32;

// With its padding.
constexpr std::size_t journal_record_bytes(std::size_t payload_bytes) {
    return journal_header_bytes + (payload_bytes + 7) / 8 * 8;
}

// What comes before a payload, which is `head` and then `content`.
std::string format_journal_header(JournalKind kind, std::uint64_t epoch, std::uint64_t sequence,
                                  std::string_view head, std::string_view content);
// The beginning of a message's payload.
std::string format_journal_message(std::string_view directory, std::string_view name);
// The same of a pair's; what follows is the content of `path`.
std::string format_journal_pair(std::string_view beside_path, std::string_view beside,
                                std::string_view path);

struct JournalRecord {
    std::uint64_t sequence = 0;
    JournalKind kind = JournalKind::message;
    std::string_view directory;  // of a message, as is its name
    std::string_view name;
    std::string_view path;  // of a pair
    std::string_view beside_path;
    std::string_view beside;
    std::string_view content;
    std::vector<std::uint64_t> cancelled;
};

// The row at the beginning of a file, in order; none: nothing is there.
std::vector<JournalRecord> parse_journal(std::string_view bytes);

}  // namespace postern::store
