// The console on a terminal: full screen until the administrator leaves. Blocking.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "console/console.hpp"

namespace postern::console {

// Answers what is not for the daemon, which it may ask by the second argument. Blocking, and not on
// the thread of the terminal.
using AnswerHere = std::function<std::optional<std::string>(
    const std::string& request,
    const std::function<std::expected<std::string, std::string>(const std::string&)>& daemon)>;

struct TerminalOptions {
    AnswerHere here;
    std::string socket;  // the daemon's control socket
    Language language = Language::en;
};

// Exit status: 0, or 1 when standard input or output is no terminal.
int run_on_terminal(const TerminalOptions& options, Formatters formatters);

}  // namespace postern::console
