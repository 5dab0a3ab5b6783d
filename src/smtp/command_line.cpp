// Command line syntax; see command_line.hpp.
#include "smtp/command_line.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "smtp/limits.hpp"

namespace postern::smtp {
namespace {

bool is_control(char c) {
    return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f;
}

// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
bool is_keyword(std::string_view text) {
    return !text.empty() && text.front() != '-' &&
           std::ranges::all_of(text, [](char c) { return is_ascii_alnum(c) || c == '-'; });
}

// esmtp-value = 1*(%d33-60 / %d62-126), and UTF-8 (RFC 6531 §3.3)
bool is_value(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c > 0x20 && c < 0x7f && c != '=') || (c & 0x80) != 0;
    });
}

}  // namespace

Result<CommandLine> parse_command_line(std::string_view text) {
    if (std::ranges::any_of(text, is_control)) {
        return fail_syntax("control character in a command", ErrorCode::forbidden_byte);
    }
    if (!is_valid_utf8(text)) return fail_syntax("command", ErrorCode::not_utf8);
    text = trim_wsp(text);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const CommandLine line{text.substr(0, end), trim_wsp(text.substr(end))};
    if (line.verb.empty()) return fail_syntax("empty command");
    if (has_8bit(line.verb)) return fail_syntax("8-bit verb", ErrorCode::forbidden_byte);
    return line;
}

bool take_keyword(std::string_view& arguments, std::string_view keyword) {
    if (!istarts_with(arguments, keyword)) return false;
    arguments = trim_wsp(arguments.substr(keyword.size()));
    return true;
}

Result<std::vector<Parameter>> parse_parameters(std::string_view text) {
    std::vector<Parameter> parameters;
    if (!text.empty() && !is_wsp(text.front())) return fail_syntax("text after the path");
    for (text = trim_wsp(text); !text.empty(); text = trim_wsp(text)) {
        const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(end);
        const std::size_t equals = word.find('=');
        Parameter parameter{word.substr(0, equals), std::nullopt};
        if (equals != std::string_view::npos) parameter.value = word.substr(equals + 1);
        const bool twice = std::ranges::any_of(parameters, [&](const Parameter& other) {
            return iequals(other.keyword, parameter.keyword);
        });
        if (twice || parameters.size() == parameters_max || !is_keyword(parameter.keyword) ||
            (parameter.value && !is_value(*parameter.value))) {
            return fail_syntax("parameter");
        }
        parameters.push_back(parameter);
    }
    return parameters;
}

bool is_helo_name(std::string_view text) {
    return !text.empty() && text.size() <= helo_bytes_max && std::ranges::all_of(text, [](char c) {
        return c > 0x20 && c < 0x7f &&
               std::string_view("()<>\"\\;,@").find(c) == std::string_view::npos;
    });
}

}  // namespace postern::smtp
