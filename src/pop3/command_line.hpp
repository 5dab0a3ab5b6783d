// The syntax of command lines: keyword and arguments (RFC 1939 §3). Views into the line. Pure;
// errors are peer_syntax.
//
//   command = keyword [SP argument [SP argument]] CRLF, but the argument of PASS is all of the rest
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace postern::pop3 {

struct CommandLine {
    std::string_view keyword;    // as sent; compares without regard to case
    std::string_view arguments;  // all after the first space, as sent
};

// `text` without its line end. forbidden_byte: a control character, or 8-bit in the keyword.
Result<CommandLine> parse_command_line(std::string_view text);

// The argument of LIST, RETR and their kin: one number ≥ 1. Nothing for anything else.
std::optional<std::uint32_t> parse_message_number(std::string_view arguments);

// RFC 1939 §7 (TOP): message number and number of lines.
struct TopArguments {
    std::uint32_t message_number = 0;
    std::uint32_t lines = 0;
};
std::optional<TopArguments> parse_top_arguments(std::string_view arguments);

}  // namespace postern::pop3
