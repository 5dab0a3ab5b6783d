// Access control lists of mailboxes (RFC 4314 §2): who may do what. File postern.acl beside new/
// and cur/, so that it moves with the mailbox and goes with it; without one the owner alone has
// rights. Text, an entry a line, in byte order of the identifiers:
//
//   postern-acl 1
//   lrs bob@example.test
//   w -bob@example.test
//   crc32c 5d1e2a3b
//
// The checksum is over all lines before its own; what fails it counts as no list, if its second
// home (second_home.hpp) does not have it. Replaced whole, durably. Pure, no I/O here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "store/flags.hpp"

namespace postern::store {

inline constexpr const char* acl_file = "postern.acl";

using Rights = std::uint16_t;  // bits of store::right

// RFC 4314 §2.1
namespace right {
inline constexpr Rights lookup = 1;             // l
inline constexpr Rights read = 2;               // r
inline constexpr Rights keep_seen = 4;          // s
inline constexpr Rights write = 8;              // w
inline constexpr Rights insert = 16;            // i
inline constexpr Rights post = 32;              // p
inline constexpr Rights create = 64;            // k
inline constexpr Rights remove_mailbox = 128;   // x
inline constexpr Rights remove_messages = 256;  // t
inline constexpr Rights expunge = 512;          // e
inline constexpr Rights administer = 1024;      // a
inline constexpr Rights all = 2047;
inline constexpr Rights owner = lookup | administer;  // that an owner cannot lose
}  // namespace right

// Letters to bits; "c" is "kx" and "d" is "te" (§2.1.1). Nothing: a letter that is no right.
std::optional<Rights> parse_rights(std::string_view letters);
// With "c" and "d" where a member of theirs is set.
std::string format_rights(Rights rights);

// By identifier: an address as auth::Directory::login_key gives it, "anyone", "$domain" for all of
// a domain; with a '-' in front of it what is taken away.
using Acl = std::map<std::string, Rights>;

using AclsByMailbox = std::map<std::string, Acl>;

inline constexpr std::string_view anyone = "anyone";

enum class Standing : std::uint8_t { owner, other };

// What all entries that fit give together, without what negative ones take. An owner without an
// entry of his own has all rights, and keeps those of right::owner in any case.
Rights rights_of(const Acl& acl, std::string_view user, Standing standing);

// Whether the list gives anything to somebody but `owner`.
bool gives_to_others(const Acl& acl, std::string_view owner);

// Which flags may be set and cleared with these rights (RFC 4314 §4).
FlagSet changeable_flags(Rights rights);

// §3.1, §3.2: `erase` is DELETEACL.
enum class RightsChange : std::uint8_t { replace, add, remove, erase };
struct AclChange {
    std::string identifier;
    RightsChange how = RightsChange::replace;
    Rights rights = 0;
    // What the identifier has without an entry: all for the owner, whose empty entry is kept.
    Rights without_entry = 0;
};
// limit for too many entries.
Result<Acl> change_acl(Acl acl, const AclChange& change);

// Not empty but for the '-', no control characters, at most acl_identifier_bytes_max.
bool is_identifier(std::string_view identifier);

std::string format_acl(const Acl& acl);
Result<Acl> parse_acl(std::string_view text);  // corrupt

}  // namespace postern::store
