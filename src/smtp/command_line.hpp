// The syntax of command lines (RFC 5321 §4.1.1, §2.4): verb and arguments; and of the arguments
// that MAIL and RCPT share: a keyword with a path, and ESMTP parameters. Views into the line. Pure;
// errors are peer_syntax.
//
//   command    = verb [SP arguments] CRLF
//   MAIL       = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF
//   parameters = esmtp-keyword ["=" esmtp-value] *(SP …)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::smtp {

struct CommandLine {
    std::string_view verb;       // as sent; compares without regard to case
    std::string_view arguments;  // without white space around it
};

// `text` without its line end. forbidden_byte: a control character, or 8-bit in the verb; not_utf8.
Result<CommandLine> parse_command_line(std::string_view text);

// Takes `keyword` ("FROM:") off the front of `arguments`, and white space after it, which the
// grammar does not allow but many clients send.
bool take_keyword(std::string_view& arguments, std::string_view keyword);

struct Parameter {
    std::string_view keyword;
    std::optional<std::string_view> value;
};
// RFC 5321 §4.1.2 (Mail-parameters): what follows the path. A keyword given twice is an error.
Result<std::vector<Parameter>> parse_parameters(std::string_view text);

// Domain or address literal as EHLO needs it, leniently: 1 to helo_bytes_max printable ASCII
// characters without spaces, or brackets and quotes that could mislead a reader of trace fields.
bool is_helo_name(std::string_view text);

}  // namespace postern::smtp
