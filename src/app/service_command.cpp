// See service_command.hpp; what the requests mean is in src/admin/README.md.
#include "app/service_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/local_requests.hpp"
#include "app/postern_output.hpp"
#include "console/request.hpp"

namespace postern::app {
namespace {

using console::Fields;
using console::make_request;

struct ServiceArguments {
    std::string protocol;
    std::uint64_t port = 0;
    std::string address;
    std::string plaintext;
};

std::string switch_request(const ServiceArguments& arguments, bool enabled) {
    Fields fields = {{"protocol", arguments.protocol}, {"enabled", enabled}};
    if (arguments.port != 0) fields.emplace_back("port", arguments.port);
    if (!arguments.address.empty()) fields.emplace_back("address", arguments.address);
    return make_request("service.set", fields);
}

std::string show_services(const std::string& response) {
    return format_response("service.list", response);
}

}  // namespace

void add_service_commands(CLI::App& app, const std::string& socket, const bool& json,
                          LocalCommand& chosen) {
    const auto arguments = std::make_shared<ServiceArguments>();
    const auto run = [&socket, &json, &chosen](std::function<std::string()> request,
                                               std::function<std::string(const std::string&)> as) {
        return [&socket, &json, &chosen, request, as] {
            chosen = [&socket, &json, request, as] {
                return run_request(socket, json, request(), as);
            };
        };
    };
    CLI::App* service = app.add_subcommand("service", "which ports are open");
    service->footer("What is changed takes effect when the gateway is started again.");
    service->require_subcommand(1);
    service->add_subcommand("list", "now, and after the next start")
        ->callback(run([] { return make_request("service.list"); }, show_services));
    for (const bool enabled : {true, false}) {
        CLI::App* one = service->add_subcommand(enabled ? "on" : "off",
                                                enabled ? "open a port" : "close a port");
        one->add_option("PROTOCOL", arguments->protocol,
                        "smtp, submission, submissions, imap, imaps, pop3, pop3s or lmtp")
            ->required();
        one->add_option("--port", arguments->port, "else all of the protocol, or its usual one")
            ->check(CLI::Range(1, 65'535));
        one->add_option("--address", arguments->address, "of this machine; else all");
        one->callback(run([arguments, enabled] { return switch_request(*arguments, enabled); },
                          show_services));
    }
    CLI::App* plain = service->add_subcommand("plaintext", "logins without encryption");
    plain->add_option("WHAT", arguments->plaintext, "allow or refuse")
        ->required()
        ->check(CLI::IsMember({"allow", "refuse"}));
    plain->callback(run(
        [arguments] {
            return make_request("service.plaintext",
                                {{"allowed", arguments->plaintext == "allow"}});
        },
        show_services));
    app.add_subcommand("restart", "end the gateway in good order; its supervisor starts it again")
        ->callback(run([] { return make_request("restart"); },
                       [](const std::string&) { return std::string("restarting\n"); }));
}

}  // namespace postern::app
