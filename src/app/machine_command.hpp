// postern reboot, power-off and support-bundle.
#pragma once

#include <string>

#include "app/update_command.hpp"

namespace postern::app {

// `socket` and `json` are read when the chosen command runs.
void add_machine_actions(CLI::App& app, const std::string& socket, const bool& json,
                         LocalCommand& chosen);

}  // namespace postern::app
