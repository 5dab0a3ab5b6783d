// The commands: which handler, in which states, by which section. RFC 1939 §5 (transaction), §4
// (authorization), §7 (optional commands).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ascii.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

namespace states {
inline constexpr std::uint8_t authorization = std::uint8_t(State::authorization);
inline constexpr std::uint8_t transaction = std::uint8_t(State::transaction);
inline constexpr std::uint8_t any = authorization | transaction;
}  // namespace states

enum class Arguments : std::uint8_t { none, optional, needed };

struct Command {
    std::string_view name;
    Reply (Session::*handle)(std::string_view) = nullptr;  // answers at once, or
    engine::task<Result<Reply>> (Session::*handle_later)(std::string_view) = nullptr;
    std::uint8_t states = states::any;
    Arguments arguments = Arguments::none;
    std::string_view section;
};

inline constexpr std::array<Command, 16> command_table = {{
    {"CAPA", &Session::handle_capa, nullptr, states::any, Arguments::none, "RFC 2449 §5"},
    {"STLS", nullptr, &Session::handle_stls, states::authorization, Arguments::none, "RFC 2595 §4"},
    {"USER", &Session::handle_user, nullptr, states::authorization, Arguments::needed,
     "RFC 1939 §7"},
    {"PASS", nullptr, &Session::handle_pass, states::authorization, Arguments::needed,
     "RFC 1939 §7"},
    {"AUTH", nullptr, &Session::handle_auth, states::authorization, Arguments::needed,
     "RFC 5034 §4"},
    {"QUIT", nullptr, &Session::handle_quit, states::any, Arguments::none, "RFC 1939 §6"},
    {"STAT", &Session::handle_stat, nullptr, states::transaction, Arguments::none, "RFC 1939 §5"},
    {"LIST", nullptr, &Session::handle_list, states::transaction, Arguments::optional,
     "RFC 1939 §5"},
    {"UIDL", nullptr, &Session::handle_uidl, states::transaction, Arguments::optional,
     "RFC 1939 §7"},
    {"RETR", nullptr, &Session::handle_retr, states::transaction, Arguments::needed, "RFC 1939 §5"},
    {"TOP", nullptr, &Session::handle_top, states::transaction, Arguments::needed, "RFC 1939 §7"},
    {"DELE", &Session::handle_dele, nullptr, states::transaction, Arguments::needed, "RFC 1939 §5"},
    {"LANG", &Session::handle_lang, nullptr, states::any, Arguments::optional, "RFC 6856 §3"},
    {"UTF8", &Session::handle_utf8, nullptr, states::authorization, Arguments::none, "RFC 6856 §2"},
    {"NOOP", &Session::handle_noop, nullptr, states::transaction, Arguments::none, "RFC 1939 §5"},
    {"RSET", &Session::handle_rset, nullptr, states::transaction, Arguments::none, "RFC 1939 §5"},
}};

// Null when there is no such command.
constexpr const Command* find_command(std::string_view keyword) {
    for (const Command& command : command_table) {
        if (command.name.size() != keyword.size()) continue;
        std::size_t i = 0;
        while (i < keyword.size() && ascii_upper(keyword[i]) == command.name[i]) ++i;
        if (i == keyword.size()) return &command;
    }
    return nullptr;
}

}  // namespace postern::pop3
