// The commands: which handler, in which states, under which conditions, by which section. The only
// place that knows; handlers check nothing of this again. RFC 5321 §4.1.1 and §4.1.4.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ascii.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

namespace states {
inline constexpr std::uint8_t any = 15 | std::uint8_t(State::chunks);
inline constexpr std::uint8_t ready = std::uint8_t(State::ready);
inline constexpr std::uint8_t in_mail = std::uint8_t(State::mail) | std::uint8_t(State::recipients);
inline constexpr std::uint8_t recipients = std::uint8_t(State::recipients);
inline constexpr std::uint8_t in_data = recipients | std::uint8_t(State::chunks);
}  // namespace states

namespace flags {
inline constexpr std::uint8_t none = 0;
inline constexpr std::uint8_t no_arguments = 1;
inline constexpr std::uint8_t needs_login = 2;  // on submission ports (RFC 4954 §6, RFC 6409 §4.3)
inline constexpr std::uint8_t takes_utf8 = 4;   // RFC 6531 §3.3
inline constexpr std::uint8_t brings_data = 8;  // which is taken in also when it is refused
inline constexpr std::uint8_t smtp_only = 16;   // RFC 2033 §4.1: not with LMTP
inline constexpr std::uint8_t lmtp_only = 32;
}  // namespace flags

struct Command {
    std::string_view name;
    Reply (Session::*handle)(std::string_view) = nullptr;  // answers at once, or
    engine::task<Result<Reply>> (Session::*handle_later)(std::string_view) = nullptr;
    std::uint8_t states = states::any;
    std::uint8_t flags = flags::none;
    std::string_view section;
};

inline constexpr std::array<Command, 21> command_table = {{
    {"RCPT", nullptr, &Session::handle_rcpt_to_the_end, states::in_mail,
     flags::needs_login | flags::takes_utf8, "RFC 5321 §4.1.1.3"},
    {"MAIL", &Session::handle_mail, nullptr, states::ready, flags::needs_login | flags::takes_utf8,
     "RFC 5321 §4.1.1.2"},
    {"DATA", nullptr, &Session::handle_data, states::recipients,
     flags::needs_login | flags::no_arguments, "RFC 5321 §4.1.1.4"},
    {"BDAT", nullptr, &Session::handle_bdat, states::in_data,
     flags::needs_login | flags::brings_data, "RFC 3030 §2"},
    {"EHLO", &Session::handle_ehlo, nullptr, states::any, flags::smtp_only, "RFC 5321 §4.1.1.1"},
    {"HELO", &Session::handle_helo, nullptr, states::any, flags::smtp_only, "RFC 5321 §4.1.1.1"},
    {"LHLO", &Session::handle_lhlo, nullptr, states::any, flags::lmtp_only, "RFC 2033 §4.1"},
    {"XCLIENT", &Session::handle_xclient, nullptr, states::any, flags::none, "RFC 5321 §2.2.2"},
    {"STARTTLS", nullptr, &Session::handle_starttls, states::any, flags::no_arguments,
     "RFC 3207 §4"},
    {"AUTH", nullptr, &Session::handle_auth, states::ready, flags::none, "RFC 4954 §4"},
    {"RSET", &Session::handle_rset, nullptr, states::any, flags::no_arguments, "RFC 5321 §4.1.1.5"},
    {"NOOP", &Session::handle_noop, nullptr, states::any, flags::takes_utf8, "RFC 5321 §4.1.1.9"},
    {"QUIT", &Session::handle_quit, nullptr, states::any, flags::no_arguments,
     "RFC 5321 §4.1.1.10"},
    {"VRFY", &Session::handle_vrfy, nullptr, states::any, flags::needs_login | flags::takes_utf8,
     "RFC 5321 §4.1.1.6"},
    {"HELP", &Session::handle_help, nullptr, states::any, flags::takes_utf8, "RFC 5321 §4.1.1.8"},
    {"EXPN", &Session::handle_not_implemented, nullptr, states::any, flags::takes_utf8,
     "RFC 5321 §4.1.1.7"},
    {"ETRN", &Session::handle_not_implemented, nullptr, states::any, flags::takes_utf8,
     "RFC 1985 §5"},
    {"TURN", &Session::handle_not_implemented, nullptr, states::any, flags::takes_utf8,
     "RFC 5321 §F.1"},
    {"SEND", &Session::handle_not_implemented, nullptr, states::any, flags::takes_utf8,
     "RFC 5321 §F.6"},
    {"SOML", &Session::handle_not_implemented, nullptr, states::any, flags::takes_utf8,
     "RFC 5321 §F.6"},
    {"SAML", &Session::handle_not_implemented, nullptr, states::any, flags::takes_utf8,
     "RFC 5321 §F.6"},
}};

// Null when there is no such command.
constexpr const Command* find_command(std::string_view verb) {
    for (const Command& command : command_table) {
        if (command.name.size() != verb.size()) continue;
        std::size_t i = 0;
        while (i < verb.size() && ascii_upper(verb[i]) == command.name[i]) ++i;
        if (i == verb.size()) return &command;
    }
    return nullptr;
}

}  // namespace postern::smtp
