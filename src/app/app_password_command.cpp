// See app_password_command.hpp; what the requests mean is in src/admin/README.md.
#include "app/app_password_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/local_requests.hpp"
#include "app/postern_output.hpp"
#include "console/cells.hpp"
#include "console/request.hpp"

namespace postern::app {
namespace {

using console::make_request;

struct AppPasswordArguments {
    std::string address;
    std::string name;
};

// The password alone, to be piped; what belongs to it is said by the help.
std::string print_app_password(const std::string& response) {
    return console::cell(console::parse_json(response), "password") + "\n";
}

std::string list_app_passwords(const std::string& response) {
    std::vector<std::vector<std::string>> rows = {{"NAME", "CREATED"}};
    const console::Json json = console::parse_json(response);
    for (const console::Json& each : console::member(json, "app_passwords")) {
        const auto created = std::int64_t(console::number_of(each, "created"));
        rows.push_back({console::cell(each, "name"), console::format_time(created)});
    }
    return rows.size() == 1 ? "no app passwords\n" : format_table(rows);
}

}  // namespace

void add_app_password_commands(CLI::App& account, const std::string& socket, const bool& json,
                               LocalCommand& chosen) {
    const auto arguments = std::make_shared<AppPasswordArguments>();
    CLI::App* all = account.add_subcommand("app-password",
                                           "further passwords of an account, each for one program");
    all->require_subcommand(1);
    const auto add = [&](const char* name, const char* text, const char* command, bool is_named,
                         std::string (*format)(const std::string&)) {
        CLI::App* one = all->add_subcommand(name, text);
        one->add_option("ADDRESS", arguments->address)->required();
        if (is_named) one->add_option("NAME", arguments->name, "as in telephone")->required();
        one->callback([&socket, &json, &chosen, arguments, command, is_named, format] {
            chosen = [&socket, &json, arguments, command, is_named, format] {
                console::Fields fields = {{"address", arguments->address}};
                if (is_named) fields.emplace_back("name", arguments->name);
                return run_request(socket, json, make_request(command, fields), format);
            };
        });
    };
    add("add", "make one and print it; it is shown this once", "account.add-app-password", true,
        print_app_password);
    add("list", "their names", "account.list-app-passwords", false, list_app_passwords);
    add("remove", "it logs nobody in from now on", "account.remove-app-password", true,
        [](const std::string&) { return std::string("done\n"); });
}

}  // namespace postern::app
