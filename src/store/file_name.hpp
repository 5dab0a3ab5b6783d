// Names of message files. Ours carry all that the index knows of a message, so that the index can
// be rebuilt from a directory listing:
//
//   <date>.R<unique>.p<tag>,S=<size>,U=<uid>            in new/
//   <date>.R<unique>.p<tag>,S=<size>,U=<uid>:2,<flags>  in cur/
//
//   date    internal date, Unix seconds, decimal
//   unique  16 hexadecimal digits, random
//   tag     8 hexadecimal digits, the mailbox's own: a file moved here by hand from another mailbox
//           is seen to be foreign, and its UID is not believed
//   size    bytes, decimal        uid  decimal
//   flags   of DFPRST and a-z in ASCII order; a letter is a keyword of the mailbox's table
//
// Any other name is foreign: only its flags and its leading time are read. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/flags.hpp"

namespace postern::store {

enum class Place : std::uint8_t { fresh, cur };  // new/, cur/
std::string_view directory_name(Place place);

// The flags a file name can carry, packed: system flags in bits 0-5, keywords a-z in bits 6-31.
constexpr std::uint32_t name_flags(const FlagSet& flags) {
    return flags.system | static_cast<std::uint32_t>(flags.keywords & 0x3ffffff) << 6;
}
inline constexpr std::uint64_t name_keywords_mask = 0x3ffffff;

struct FileName {
    std::uint32_t date_s = 0;
    std::uint64_t unique = 0;
    std::uint32_t tag = 0;
    std::uint32_t size_bytes = 0;
    std::uint32_t uid = 0;
    friend bool operator==(const FileName&, const FileName&) = default;
};

// "new/<name>" or "cur/<name>:2,<flags>"; `packed` as name_flags gives it.
std::string format_file_path(const FileName& name, Place place, std::uint32_t packed);

struct ParsedFileName {
    std::optional<FileName> ours;         // nothing: foreign
    std::optional<std::uint32_t> date_s;  // of a foreign name too
    std::uint32_t flags = 0;              // packed
};

// Of a directory entry; nothing for names no message has (hidden files, our own drafts).
std::optional<ParsedFileName> parse_file_name(std::string_view entry);

}  // namespace postern::store
