// See machine_settings.hpp. Exit status: 0 done, 1 refused.
#include "app/machine_settings.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "console/cells.hpp"
#include "update/appliance.hpp"
#include "update/child.hpp"

namespace postern::app {
namespace {

std::string format_outcome(const update::Outcome<void>& changed) {
    if (changed) return console::dump({{"ok", true}});
    return console::dump({{"ok", false}, {"error", changed.error().words}});
}

}  // namespace

update::Outcome<void> change_machine(const MachineSettings& settings) {
    const auto appliance = update::Appliance::open(update::standard_places());
    if (!appliance) return std::unexpected(appliance.error());
    std::vector<std::string> words = {(*appliance)->places().system + "/set-machine"};
    for (const auto& [key, value] :
         {std::pair("host_name", &settings.host_name), std::pair("time_zone", &settings.time_zone),
          std::pair("log_servers", &settings.log_servers)}) {
        if (value->empty()) continue;
        words.emplace_back(key);
        words.push_back(*value);
    }
    update::Child script(std::move(words));
    std::string said = "the settings could not be changed";
    while (const auto line = script.read_line()) said = escape_for_log(*line);
    if (script.wait() == 0) return {};
    return update::refuse(update::Reason::io, said);
}

std::string set_machine(const MachineSettings& settings) {
    return format_outcome(change_machine(settings));
}

void add_machine_settings(CLI::App& machine, MachineSettings& settings, const bool& json,
                          LocalCommand& chosen) {
    CLI::App* set = machine.add_subcommand("set", "change settings of the appliance");
    set->add_option("--host-name", settings.host_name, "as in mail.example.org");
    set->add_option("--time-zone", settings.time_zone, "as in Europe/Lisbon");
    set->add_option("--log-servers", settings.log_servers,
                    "up to four in one argument, as in udp:loghost.example.org:514, or none");
    set->callback([&settings, &json, &chosen] {
        chosen = [&settings, &json] {
            const auto changed = change_machine(settings);
            if (json) {
                std::printf("%s\n", format_outcome(changed).c_str());
            } else if (!changed) {
                std::fprintf(stderr, "postern: %s\n", changed.error().words.c_str());
            }
            return changed ? 0 : 1;
        };
    });
}

}  // namespace postern::app
