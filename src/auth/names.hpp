// Names of domains and accounts: the one form in which each is compared, what may be a name at
// all, and the directory an account's mail lives in. Pure; no name is too strange to be asked.
//
// A domain compares as its lower-case A-label, so U-labels and A-labels are the same domain
// (RFC 5890 §2.3.2.1, RFC 5891 §5). A local part compares without regard to case, which RFC 5321
// §2.4 leaves to the receiving system: lower case and NFC (RFC 8265 §3.3, without width mapping).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::auth {

struct AddressParts {
    std::string_view local_part;
    std::string_view domain;  // empty for a bare name
};

// Splits at the last '@'; a text without one is a bare local part.
AddressParts split_address(std::string_view address);

// The lower-case A-label form, or nothing when the text is not a domain name (an address literal,
// an empty label, an invalid U-label, too long).
std::optional<std::string> canonical_domain(std::string_view domain);

// For people: the U-label form of a canonical domain, or the text itself when it has none.
std::string display_domain(std::string_view canonical);

// The form in which local parts compare; bytes that are not UTF-8 compare as they are.
std::string fold_local_part(std::string_view local_part);

// The same in NFC only, as the account is shown.
std::string normalise_local_part(std::string_view local_part);

enum class LocalPartUse : unsigned char { account, alias };

// Why this cannot name an account or alias (static text for people), or nullptr when it can:
// dot-atom of RFC 5321 §4.1.2 with the UTF-8 of RFC 6531 §3.3; '+' only in aliases, because it
// introduces a subaddress.
const char* check_local_part(std::string_view local_part, LocalPartUse use);

// `alice+lists` → `alice`; the whole text when it holds no separator after its first byte.
std::string_view without_subaddress(std::string_view local_part, char separator = '+');

// "accounts/<domain>/<local part>", relative to the data directory. Everything outside
// [a-z0-9_+=-] and inner dots is written %XX, so no name becomes "..", starts with a dot, holds
// '/' or NUL or exceeds NAME_MAX, and two names never share a directory. Nothing when the domain
// is no domain or the local part is empty or over its limit.
std::optional<std::string> home_directory(std::string_view local_part, std::string_view domain);

}  // namespace postern::auth
