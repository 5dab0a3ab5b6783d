// Command line syntax; see command_line.hpp.
#include "pop3/command_line.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace postern::pop3 {
namespace {

bool is_control(char c) {
    return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f;
}

}  // namespace

Result<CommandLine> parse_command_line(std::string_view text) {
    if (std::ranges::any_of(text, is_control)) {
        return fail_syntax("control character in a command", ErrorCode::forbidden_byte);
    }
    const std::size_t space = std::min(text.find(' '), text.size());
    const CommandLine line{text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
    if (line.keyword.empty()) return fail_syntax("empty command");
    if (has_8bit(line.keyword)) return fail_syntax("8-bit keyword", ErrorCode::forbidden_byte);
    return line;
}

std::optional<std::uint32_t> parse_message_number(std::string_view arguments) {
    const auto number = parse_decimal32(trim_wsp(arguments));
    if (!number || *number == 0) return std::nullopt;
    return number;
}

std::optional<TopArguments> parse_top_arguments(std::string_view arguments) {
    arguments = trim_wsp(arguments);
    const std::size_t space = std::min(arguments.find(' '), arguments.size());
    const auto message_number = parse_message_number(arguments.substr(0, space));
    const auto lines = parse_decimal32(trim_wsp(arguments.substr(space)));
    if (!message_number || !lines) return std::nullopt;
    return TopArguments{*message_number, *lines};
}

}  // namespace postern::pop3
