// See machine_command.hpp; the requests are those of local_requests.hpp.
#include "app/machine_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/local_requests.hpp"
#include "app/postern_here.hpp"
#include "console/cells.hpp"
#include "console/request.hpp"

namespace postern::app {
namespace {

struct MachineArguments {
    std::string file;
    bool yes = false;
};

// Says what it means and waits for a yes.
bool is_wanted(const char* words) {
    std::printf("%s\nType \"yes\" to go on: ", words);
    std::fflush(stdout);
    std::string answer;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) answer += char(c);
    return answer == "yes";
}

}  // namespace

void add_machine_actions(CLI::App& app, const std::string& socket, const bool& json,
                         LocalCommand& chosen) {
    const auto arguments = std::make_shared<MachineArguments>();
    const auto add_power = [&](const char* name, const char* text, const char* command,
                               const char* words) {
        CLI::App* one = app.add_subcommand(name, text);
        one->add_flag("--yes", arguments->yes, "do not ask");
        one->callback([&socket, &json, &chosen, arguments, command, words] {
            chosen = [&socket, &json, arguments, command, words]() -> int {
                if (!arguments->yes && (json || !is_wanted(words))) {
                    return complain(exit_usage, json ? "nothing was done: --yes is missing"
                                                     : "nothing was done");
                }
                return run_request(socket, json, console::make_request(command),
                                   [](const std::string&) { return std::string("done\n"); });
            };
        });
    };
    add_power("reboot", "start the appliance again", "machine.reboot",
              "The machine ends in good order and starts again; mail that was taken stays.");
    add_power("power-off", "switch the appliance off", "machine.power-off",
              "The machine stays off until somebody switches it on; mail that was taken stays.");
    CLI::App* bundle = app.add_subcommand(
        "support-bundle", "state, settings and log as one text file, without secrets and mail");
    bundle->add_option("FILE", arguments->file, "a path, or usb: for a stick")->required();
    bundle->callback([&socket, &json, &chosen, arguments] {
        chosen = [&socket, &json, arguments] {
            return run_request(
                socket, json, console::make_request("support-bundle", {{"file", arguments->file}}),
                [](const std::string& response) {
                    return "written to " + console::cell(console::parse_json(response), "file") +
                           "\n";
                });
        };
    });
}

}  // namespace postern::app
