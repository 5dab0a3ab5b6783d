// A new password for the postern command: asked twice on the terminal without echo, or the first
// line of standard input when that is no terminal. Never from the command line, where every user
// of the machine could read it. Blocking.
#pragma once

#include <expected>
#include <string>

namespace postern::app {

enum class PromptProblem : unsigned char {
    empty,  // nothing typed, or standard input at its end
    too_long,
    different,  // the two were not the same
    interrupted,
    io,
};
const char* describe(PromptProblem problem);

// `what` is asked for: "New password".
std::expected<std::string, PromptProblem> read_new_password(const char* what = "New password");
// One that exists: asked once.
std::expected<std::string, PromptProblem> read_password(const char* what);

}  // namespace postern::app
