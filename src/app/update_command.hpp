// The commands of the postern command that act on the appliance itself, without the daemon: update
// and factory-reset. They need root and an appliance; elsewhere they say so (exit status 1).
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace postern::app {

struct UpdateArguments {
    std::string source;
    std::string key;
    std::string value;
    bool no_reboot = false;
    bool unattended = false;
    bool yes = false;
};

// What the chosen command does; empty: another command was chosen. It returns the exit status.
using LocalCommand = std::function<int()>;

void add_update_commands(CLI::App& app, UpdateArguments& arguments, const bool& json,
                         LocalCommand& chosen);

// Slots, tries and what was given up; nothing when this is no appliance or it cannot be read.
std::optional<nlohmann::ordered_json> update_status();
// The same as lines for people.
std::string format_update_status(const nlohmann::ordered_json& status);

}  // namespace postern::app
