// What the postern command prints: tables and sentences made from the daemon's responses. Pure.
// Everything shown is escaped, whoever chose it: a display name cannot reach the terminal as a
// control sequence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::app {

// Columns as wide as their widest cell, two spaces apart; the first row is the heading.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

// The text for people of a successful response to `command` ("account.list", …); `response` is
// the daemon's line. Unknown members are ignored, missing ones shown as empty.
std::string format_response(std::string_view command, std::string_view response);

// Whether the response says ok, and its error text if not.
struct Verdict {
    bool ok = false;
    std::string error;
};
Verdict read_verdict(std::string_view response);

}  // namespace postern::app
