// Address lists of header fields: From, To, Cc and their kin (RFC 5322 §3.4, obsolete forms of
// §4.4, UTF-8 of RFC 6532). Tolerant: whatever the bytes are, a list comes back; what is not an
// address is taken as near to one as it can be. Encoded words stay as they are written.
// The list is flat, in the order IMAP's ENVELOPE wants it: a group is its start, members, end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

enum class AddressKind : std::uint8_t { mailbox, group_start, group_end };

struct Address {
    AddressKind kind = AddressKind::mailbox;
    std::string name;        // display name or group name, unquoted; else the comment after the
                             // address, as old mail writes names; encoded words raw
    std::string route;       // "@a,@b" of an obsolete route; to be ignored but for ENVELOPE
    std::string local_part;  // unquoted, comments and white space taken out
    std::string domain;      // as written, without comments; empty when there is none

    friend bool operator==(const Address&, const Address&) = default;
};

// `value` may be folded. At most addresses_max entries; every group_start has its group_end.
std::vector<Address> parse_address_list(std::string_view value);

// A local part that stands where an address should: "root", "Cron <root>". `end` is where "@" and a
// domain would follow it in the text that was read.
struct LoneLocalPart {
    std::string local_part;  // unquoted
    std::size_t end = 0;
};

// Those of an address list, in order. What may be a name, and no address, is none of them: several
// words, an encoded word, a quoted string without angle brackets.
std::vector<LoneLocalPart> find_lone_local_parts(std::string_view value);

// "local@domain" with the quoting the local part needs; no display name.
std::string format_addr_spec(const Address& address);

// The local part as a dot-atom where it is one, else as a quoted-string (RFC 5321 §4.1.2).
std::string format_local_part(std::string_view local_part);

}  // namespace postern::message
