// Names of mailboxes: UTF-8 with '/' between components inside the program, modified UTF-7 on the
// wire of IMAP4rev1 (RFC 3501 §5.1.3), one Maildir++ directory name on disk. This is the only way
// from a client's name to a path. Pure functions; whatever is not a safe name is an error.
//
//   name            wire (rev1)        directory
//   INBOX           INBOX              (the account's own directory)
//   Entwürfe        Entw&APw-rfe       .Entw&APw-rfe
//   Work/2024       Work/2024          .Work.2024
//   a.b             a.b                .a&AC4-b
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::store {

inline constexpr char hierarchy_separator = '/';

// RFC 3501 §5.1.3, strictly: printable ASCII must not be encoded, no null shifts, no unpaired
// surrogates, no 8-bit bytes. fail_syntax otherwise.
Result<std::string> decode_utf7(std::string_view utf7);
// The inverse, of valid UTF-8.
std::string encode_utf7(std::string_view utf8);

// Checks a name for CREATE, SELECT and the like and gives its canonical form ("inbox" and
// "Inbox/x" become "INBOX" and "INBOX/x"). peer_request errors: refused for empty components, "."
// and "..", control characters, '*' and '%', bad UTF-8; limit for depth and length.
Result<std::string> canonical_mailbox_name(std::string_view utf8);

// What a mailbox made under that name is called: canonical, and in Normalization Form C (RFC 9051
// §5.1, RFC 5198). Names that other programs gave stay as they are.
Result<std::string> new_mailbox_name(std::string_view utf8);

// Of canonical names. "" for INBOX.
std::string directory_of(std::string_view name);
// Of an entry of the account's directory; not_found when it is no mailbox of ours.
Result<std::string> name_of_directory(std::string_view directory);

// "a" for "a/b", "" for "a".
std::string_view parent_name(std::string_view name);
// "a", "a/b" for "a/b/c".
std::vector<std::string> superior_names(std::string_view name);
bool is_below(std::string_view name, std::string_view superior);

}  // namespace postern::store
