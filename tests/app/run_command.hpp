// A command run by a shell, to its end.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace postern::app {

struct CommandOutcome {
    int status = -1;   // of the exit
    std::string text;  // what it wrote to standard output
};

inline CommandOutcome run_command(const std::string& command) {
    CommandOutcome outcome;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (!pipe) return outcome;
    std::array<char, 4096> buffer{};
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        outcome.text.append(buffer.data(), n);
    }
    outcome.status = WEXITSTATUS(::pclose(pipe));
    return outcome;
}

}  // namespace postern::app
