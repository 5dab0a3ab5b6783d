// postern account app-password: add, list, remove.
#pragma once

#include <string>

#include "app/update_command.hpp"

namespace postern::app {

// `socket` and `json` are read when the chosen command runs.
void add_app_password_commands(CLI::App& account, const std::string& socket, const bool& json,
                               LocalCommand& chosen);

}  // namespace postern::app
