// Trace fields; see trace.hpp.
#include "smtp/trace.hpp"

#include <array>

#include "message/date.hpp"

namespace postern::smtp {

// RFC 3848 §3, RFC 6531 §3.7.3; the registered names, by SMTPUTF8, TLS and AUTH.
std::string_view with_protocol(const Trace& trace) {
    constexpr std::array<std::string_view, 8> names = {
        "ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA", "UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA"};
    constexpr std::array<std::string_view, 8> lmtp_names = {
        "LMTP", "LMTPA", "LMTPS", "LMTPSA", "UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA"};
    if (trace.greeting == Greeting::helo && !trace.is_secure && !trace.is_authenticated) {
        return "SMTP";
    }
    const unsigned index = (trace.is_smtputf8 ? 4u : 0u) + (trace.is_secure ? 2u : 0u) +
                           (trace.is_authenticated ? 1u : 0u);
    return trace.greeting == Greeting::lhlo ? lmtp_names[index] : names[index];
}

std::string address_literal(std::string_view peer_address) {
    if (peer_address.empty()) return "localhost";  // a Unix socket
    const bool is_ipv6 = peer_address.find(':') != std::string_view::npos;
    return (is_ipv6 ? "[IPv6:" : "[") + std::string(peer_address) + "]";
}

// RFC 5321 §4.4 (Return-path-line)
std::string format_return_path(const Trace& trace) {
    std::string out = "Return-Path: ";
    out += trace.reverse_path;
    out += "\r\n";
    return out;
}

// RFC 5321 §4.4 (Time-stamp-line):
//   Received: from helo ([address]) by host with protocol id id [for <path>]
//     [PRIORITY n]; date-time
// RFC 6710 §4.1, §7 (PRIORITY)
std::string format_received(const Trace& trace) {
    std::string out = "Received: from ";
    out += trace.helo;
    out += " (" + address_literal(trace.peer_address) + ")\r\n\tby ";
    out += trace.host_name;
    out += " with ";
    out += with_protocol(trace);
    out += " id ";
    out += trace.id;
    if (!trace.forward_path.empty()) {
        out += "\r\n\tfor ";
        out += trace.forward_path;
    }
    if (trace.priority != 0) out += "\r\n\tPRIORITY " + std::to_string(trace.priority);
    out += ";\r\n\t" + message::format_date_time({.unix_seconds = trace.time.unix_seconds()});
    out += "\r\n";
    return out;
}

std::string format_date_field(WallTime time) {
    return "Date: " + message::format_date_time({.unix_seconds = time.unix_seconds()}) + "\r\n";
}

// RFC 5322 §3.6.4
std::string format_message_id_field(std::string_view id, std::string_view host_name,
                                    WallTime time) {
    std::string out = "Message-ID: <" + std::to_string(time.unix_seconds()) + ".";
    out += id;
    out += '@';
    out += host_name;
    out += ">\r\n";
    return out;
}

}  // namespace postern::smtp
