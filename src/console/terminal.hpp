// The console on a terminal: full screen until the administrator leaves. Blocking.
#pragma once

#include <string>

#include "console/console.hpp"

namespace postern::console {

struct TerminalOptions {
    std::string socket;  // the daemon's control socket
    Language language = Language::en;
};

// Exit status: 0, or 1 when standard input or output is no terminal.
int run_on_terminal(const TerminalOptions& options, Formatters formatters);

}  // namespace postern::console
