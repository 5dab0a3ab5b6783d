// Console, machine, pages and files; see postern_here.hpp.
#include "app/postern_here.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "app/account_csv.hpp"
#include "app/local_requests.hpp"
#include "app/postern_output.hpp"
#include "app/trace_output.hpp"
#include "base/ascii.hpp"
#include "console/cells.hpp"
#include "console/client_page.hpp"
#include "console/machine.hpp"
#include "console/status_facts.hpp"
#include "console/terminal.hpp"

namespace postern::app {
namespace {

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file;
    if (path != "-") file.open(path, std::ios::binary);
    std::istream& from = path == "-" ? std::cin : file;
    if (!from) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(from), {});
}

// The first refusal, or nothing.
std::string send_all(ControlClient& client, const AccountImport& import) {
    for (const std::string& request : import.requests) {
        const auto answer = console::read_answer(client.request(request));
        if (!answer.ok) return answer.error;
    }
    return {};
}

}  // namespace

int complain(ExitStatus status, const std::string& text) {
    std::fprintf(stderr, "postern: %s\n", text.c_str());
    return status;
}

int run_console(const std::string& socket, const std::string& language) {
    console::Formatters formatters;
    formatters.response = format_response;
    formatters.trace = [](std::string_view response) {
        return format_trace(console::parse_json(response));
    };
    console::TerminalOptions options;
    options.here = answer_here;
    options.socket = socket;
    options.language = console::language_of(language).value_or(console::Language::en);
    return console::run_on_terminal(options, std::move(formatters)) == 0 ? exit_done : exit_usage;
}

int show_machine(const std::string& socket, bool as_json) {
    std::string data_directory;
    if (auto client = ControlClient::connect(socket)) {
        const auto answer = console::read_answer(client->request(console::make_request("status")));
        data_directory = console::read_status(answer.line).data_directory;
    }
    const console::Machine machine = console::read_machine(data_directory);
    const std::string text =
        as_json ? console::format_machine_json(machine) + "\n" : console::format_machine(machine);
    std::fputs(text.c_str(), stdout);
    return exit_done;
}

std::string format_settings_page(std::string_view response, std::string_view language,
                                 PageForm form) {
    const auto code = console::language_of(language).value_or(console::Language::en);
    const console::ClientPage page = console::read_client_page(response);
    switch (form) {
        case PageForm::html: return console::format_client_html(page, code);
        case PageForm::qr: return console::format_qr_text(console::client_code_text(page));
        case PageForm::text: break;
    }
    return console::format_client_page(page, code);
}

int import_accounts(ControlClient client, const std::string& path, bool as_json) {
    const auto text = read_file(path);
    if (!text) return complain(exit_usage, path + ": cannot be read");
    const auto imports = read_accounts_csv(*text);
    if (!imports) return complain(exit_usage, path + ", " + imports.error());
    console::Json problems = console::Json::array();
    for (const AccountImport& each : *imports) {
        const std::string problem = send_all(client, each);
        if (problem.empty()) continue;
        problems.push_back({{"line", each.line}, {"address", each.address}, {"error", problem}});
        if (as_json) continue;
        complain(exit_refused, path + ", line " + std::to_string(each.line) + ", " +
                                   escape_for_log(each.address) + ": " + problem);
    }
    const std::size_t added = imports->size() - problems.size();
    const bool ok = problems.empty();
    if (as_json) {
        const console::Json result = {{"ok", ok}, {"added", added}, {"problems", problems}};
        std::printf("%s\n", console::dump(result).c_str());
    } else {
        std::printf("%zu added, %zu not\n", added, problems.size());
    }
    return ok ? exit_done : exit_refused;
}

int export_accounts(ControlClient client) {
    const auto answer = console::read_answer(client.request(console::make_request("account.list")));
    if (!answer.reached) return complain(exit_unreachable, answer.error);
    if (!answer.ok) return complain(exit_refused, answer.error);
    std::fputs(format_accounts_csv(answer.line).c_str(), stdout);
    return exit_done;
}

}  // namespace postern::app
