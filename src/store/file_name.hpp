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
//   flags   one character each, in ASCII order: DFPRST, and for keywords of the mailbox's table a-z
//           (numbers 0 to 25), 0-9 (26 to 35), the other capital letters (36 to 55), '+', '-' (56,
//           57). Dovecot writes a-z alone; it and mutt keep flags that they do not know, and their
//           order
//
// Any other name is foreign: only DFPRST, a-z and its leading time are read. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/flags.hpp"
#include "store/limits.hpp"

namespace postern::store {

enum class Place : std::uint8_t { fresh, cur };  // new/, cur/
std::string_view directory_name(Place place);

// Flags as a file name carries them, packed: system flags in bits 0-5, keyword n in bit 6 + n.
inline constexpr unsigned name_keywords_shift = 6;
static_assert(name_keywords_shift + keywords_max == 64, "a bit for each flag that there can be");
constexpr std::uint64_t name_flags(const FlagSet& flags) {
    return flags.system | flags.keywords << name_keywords_shift;
}
constexpr FlagSet flags_of_name(std::uint64_t packed) {
    return {static_cast<std::uint8_t>(packed & flag::all), packed >> name_keywords_shift};
}

struct FileName {
    std::uint32_t date_s = 0;
    std::uint64_t unique = 0;
    std::uint32_t tag = 0;
    std::uint32_t size_bytes = 0;
    std::uint32_t uid = 0;
    friend bool operator==(const FileName&, const FileName&) = default;
};

// "new/<name>" or "cur/<name>:2,<flags>"; `packed` as name_flags gives it.
std::string format_file_path(const FileName& name, Place place, std::uint64_t packed);

struct ParsedFileName {
    std::optional<FileName> ours;         // nothing: foreign
    std::optional<std::uint32_t> date_s;  // of a foreign name too
    std::uint64_t flags = 0;              // packed
};

// Of a directory entry; nothing for names no message has (hidden files, our own drafts).
std::optional<ParsedFileName> parse_file_name(std::string_view entry);

}  // namespace postern::store
