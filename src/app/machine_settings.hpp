// Settings of the appliance itself, which no daemon may change: its name, its time zone, where its
// log goes. The console and `postern machine set` come here; a script of the image (set-machine)
// checks and applies them, and starts the gateway again when its name has changed. Blocking, until
// that answers again.
#pragma once

#include <string>

#include "app/update_command.hpp"
#include "update/problem.hpp"

namespace postern::app {

struct MachineSettings {
    std::string host_name;  // empty: stays as it is
    std::string time_zone;  // "Europe/Lisbon"; empty: stays as it is
    // "udp:loghost.example.org:514 tcp:192.0.2.1:601", "none"; empty: stays as it is
    std::string log_servers;
};

// What is refused has changed nothing. Reason::no_appliance elsewhere.
update::Outcome<void> change_machine(const MachineSettings& settings);

// The response to "machine.set", as JSON.
std::string set_machine(const MachineSettings& settings);

// Adds `set` to the command `machine`; chosen as in add_update_commands.
void add_machine_settings(CLI::App& machine, MachineSettings& settings, const bool& json,
                          LocalCommand& chosen);

}  // namespace postern::app
