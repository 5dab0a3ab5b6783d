// Trace fields and the fields that a submission lacks, as text with CRLF. Pure.
// RFC 5321 §4.4 (Return-Path, Received), RFC 3848 and RFC 6531 §3.7.3 (with-protocol types),
// RFC 6409 §8 (Date, Message-ID), RFC 6710 §7 (PRIORITY).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace postern::smtp {

enum class Greeting : std::uint8_t { none, helo, ehlo, lhlo };

struct Trace {
    std::string_view reverse_path;  // with its angle brackets
    std::string_view helo;
    std::string_view peer_address;  // "192.0.2.1" or "2001:db8::1"
    std::string_view host_name;
    std::string_view id;
    std::string_view forward_path;  // with angle brackets; empty when there are several
    Greeting greeting = Greeting::ehlo;
    bool is_secure = false;
    bool is_authenticated = false;
    bool is_smtputf8 = false;
    std::int8_t priority = 0;  // RFC 6710; 0 is not said
    WallTime time;
};

// "ESMTPSA" and its kin.
std::string_view with_protocol(const Trace& trace);
// "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 §4.1.3).
std::string address_literal(std::string_view peer_address);

// To be put on top, in this order: for mailboxes here (RFC 5321 §4.4), for everybody.
std::string format_return_path(const Trace& trace);
std::string format_received(const Trace& trace);

std::string format_date_field(WallTime time);
std::string format_message_id_field(std::string_view id, std::string_view host_name, WallTime time);

}  // namespace postern::smtp
