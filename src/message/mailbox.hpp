// Addresses as SMTP commands carry them: Mailbox, Reverse-path and Forward-path (RFC 5321 §4.1.2,
// with the UTF-8 of RFC 6531 §3.3). Strict, unlike address.hpp: what the grammar does not allow is
// fail_syntax, what is too long is fail_request(limit). Values are normalised: local part unquoted
// and otherwise as given, domain in lower case.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::message {

enum class DomainKind : std::uint8_t { name, ipv4, ipv6 };

struct Mailbox {
    std::string local_part;  // unquoted; UTF-8 when needs_smtputf8
    std::string
        domain;  // lower case; U-labels in NFC; literals "[192.0.2.1]", "[IPv6:2001:db8::1]"
    DomainKind domain_kind = DomainKind::name;
    bool needs_smtputf8 = false;

    std::string to_string() const;  // with as little quoting as it needs
    friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

enum class PathKind : std::uint8_t {
    null,        // "<>", reverse-path only
    mailbox,     // "<local@domain>"
    postmaster,  // "<Postmaster>", forward-path only: no domain (RFC 5321 §4.1.1.3)
};

struct Path {
    PathKind kind = PathKind::null;
    Mailbox mailbox;  // local_part "postmaster" and no domain when `kind` is postmaster

    std::string to_string() const;  // with the angle brackets
    friend bool operator==(const Path&, const Path&) = default;
};

// The whole of `text`; local part at most local_part_bytes_max.
Result<Mailbox> parse_mailbox(std::string_view text);

// A path at the start of `text`, which is advanced behind its '>'. A source route is read and
// ignored (RFC 5321 appendix C).
Result<Path> take_reverse_path(std::string_view& text);
Result<Path> take_forward_path(std::string_view& text);

// RFC 5321 §4.1.2 (Domain) and RFC 6531 §3.3 (U-label), the whole of `text`, normalised: lower
// case, NFC. No trailing dot, no underscore.
Result<std::string> parse_domain(std::string_view text);
// RFC 5321 §4.1.3: "[...]" with its brackets, normalised.
Result<std::string> parse_address_literal(std::string_view text);

}  // namespace postern::message
