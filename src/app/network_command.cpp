// See network_command.hpp; the requests are those of local_requests.hpp.
#include "app/network_command.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "app/local_requests.hpp"
#include "app/network_change.hpp"
#include "app/postern_here.hpp"
#include "console/machine_pages.hpp"
#include "console/request.hpp"

namespace postern::app {
namespace {

using console::Fields;
using console::make_request;

struct NetworkArguments {
    std::map<std::string, std::string> settings;
    std::uint64_t within_s = confirm_within_s;
};

std::string show_network_page(const std::string& response) {
    return console::format_network(response, console::Language::en);
}

struct NetworkOption {
    const char* option;
    const char* key;
    const char* help;
};
constexpr NetworkOption network_options[] = {
    {"--address", "address", "dhcp, none, or as 192.0.2.10/24"},
    {"--gateway", "gateway", "with a fixed address, as 192.0.2.1"},
    {"--address6", "address6", "auto, none, or as 2001:db8::10/64"},
    {"--gateway6", "gateway6", "as fe80::1"},
    {"--name-servers", "name_servers", "as \"192.0.2.53 2001:db8::53\", or none"}};

}  // namespace

void add_network_commands(CLI::App& app, const std::string& socket, const bool& json,
                          LocalCommand& chosen) {
    const auto arguments = std::make_shared<NetworkArguments>();
    const auto run = [&socket, &json, &chosen](std::function<std::string()> request,
                                               std::function<std::string(const std::string&)> as) {
        return [&socket, &json, &chosen, request, as] {
            chosen = [&socket, &json, request, as] {
                return run_request(socket, json, request(), as);
            };
        };
    };
    const auto done = [](const std::string&) { return std::string("done\n"); };
    CLI::App* network = app.add_subcommand("network", "addresses of the appliance");
    network->require_subcommand(1);
    network->add_subcommand("show", "the settings, and those that wait to be confirmed")
        ->callback(run([] { return make_request("network.show"); }, show_network_page));
    CLI::App* set = network->add_subcommand(
        "set", "apply settings; without \"network confirm\" in time the old ones come back");
    for (const NetworkOption& each : network_options) {
        set->add_option(each.option, arguments->settings[each.key], each.help);
    }
    set->add_option("--within", arguments->within_s, "seconds to confirm")
        ->check(CLI::Range(1U, confirm_within_s_max))
        ->capture_default_str();
    set->callback(run(
        [arguments] {
            Fields fields = {{"within", arguments->within_s}};
            for (const auto& [key, value] : arguments->settings) {
                if (!value.empty()) fields.emplace_back(key, value);
            }
            return make_request("network.set", fields);
        },
        show_network_page));
    network->add_subcommand("confirm", "the settings that were applied come to stay")
        ->callback(run([] { return make_request("network.confirm"); }, done));
    network->add_subcommand("revert", "back to the old ones now")
        ->callback(run([] { return make_request("network.revert"); }, done));
    network->add_subcommand("guard", "reverts what is not confirmed in time")
        ->group("")
        ->callback([&chosen] {
            chosen = [] {
                const auto ended = NetworkChange(standard_network_places()).give_up_late();
                return ended ? int(exit_done) : complain(exit_refused, ended.error());
            };
        });
}

}  // namespace postern::app
