// A table of commands; see local_requests.hpp.
#include "app/local_requests.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "app/backup_requests.hpp"
#include "app/machine_actions.hpp"
#include "app/machine_settings.hpp"
#include "app/network_change.hpp"
#include "app/postern_here.hpp"
#include "app/postern_output.hpp"
#include "base/ascii.hpp"
#include "console/cells.hpp"
#include "postern/control_client.hpp"
#include "update/source.hpp"

namespace postern::app {
namespace {

using console::Json;
using console::text_of;
using Answered = std::expected<std::string, std::string>;

constexpr std::size_t pem_bytes_max = 48 * 1024;  // two of them fit into a request
constexpr std::string_view stick_prefix = "usb:";

std::string refuse_here(std::string_view words) {
    return console::dump(Json{{"ok", false}, {"error", words}});
}

Answered read_whole(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::unexpected(escape_for_log(path) + ": " +
                               std::strerror(errno == 0 ? EIO : errno));
    }
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (text.size() > pem_bytes_max) return std::unexpected(escape_for_log(path) + ": too large");
    return text;
}

// Of the root directory of a stick; nobody leads out of it.
Answered read_from_stick(const std::string& name) {
    if (name.empty() || name.contains('/')) return std::unexpected("usb: and a name, without /");
    auto appliance = update::Appliance::open(update::standard_places());
    if (!appliance) return std::unexpected(appliance.error().words);
    const auto stick = update::find_stick_with(**appliance, name);
    if (!stick) return std::unexpected(stick.error().words);
    return read_whole(stick->path() + "/" + name);
}

Answered read_named(const std::string& path) {
    if (path.starts_with(stick_prefix)) return read_from_stick(path.substr(stick_prefix.size()));
    return read_whole(path);
}

// Each member that is a path becomes what is in that file.
std::string send_files(const Json& request, const char* command, const AskDaemon& daemon) {
    Json line = {{"command", command}};
    for (const auto& [name, value] : request.items()) {
        if (name == "command") continue;
        line[name] = value;
        if (!value.is_string()) continue;
        if (value.get<std::string>().empty()) {
            if (name == "key") line.erase(name);
            continue;
        }
        auto text = read_named(value.get<std::string>());
        if (!text) return refuse_here(text.error());
        line[name] = *text;
    }
    const auto response = daemon(console::dump(line));
    return response ? *response : refuse_here(response.error());
}

std::string import_files(const Json& request, const AskDaemon& daemon) {
    if (text_of(request, "certificate").empty()) return refuse_here("which file?");
    return send_files(request, "certificate.import", daemon);
}

std::string authority_file(const Json& request, const AskDaemon& daemon) {
    return send_files(request, "certificate.authority", daemon);
}

Json to_json(NetworkSettings settings) {
    Json json = Json::object();
    for (const std::string_view key : network_keys) json[key] = *find_setting(settings, key);
    return json;
}

NetworkChange network_change() {
    return NetworkChange(standard_network_places(), start_network_guard);
}

std::string show_network(const Json&, const AskDaemon&) {
    const NetworkChange change = network_change();
    Json response = {{"ok", true},
                     {"managed", change.is_managed()},
                     {"settings", to_json(change.saved())},
                     {"pending", nullptr},
                     {"rolled_back", change.was_rolled_back()}};
    if (const auto pending = change.pending()) {
        response["pending"] = to_json(pending->settings);
        response["seconds_left"] = std::max<std::int64_t>(pending->seconds_left, 0);
    }
    return console::dump(response);
}

std::string refuse_fields(const std::vector<FieldProblem>& problems) {
    Json response = {{"ok", false}, {"error", ""}, {"problems", Json::array()}};
    std::string all;
    for (const FieldProblem& each : problems) {
        all += (all.empty() ? "" : "; ") + each.field + ": " + each.words;
        response["problems"].push_back({{"field", each.field}, {"error", each.words}});
    }
    response["error"] = all;
    return console::dump(response);
}

std::string answer_words(const NetworkChange::Words& words) {
    return words ? console::dump(Json{{"ok", true}}) : refuse_here(words.error());
}

std::string set_network(const Json& request, const AskDaemon& daemon) {
    NetworkChange change = network_change();
    NetworkSettings settings = change.saved();
    unsigned within_s = confirm_within_s;
    for (const auto& [name, value] : request.items()) {
        if (name == "command") continue;
        std::string* setting = find_setting(settings, name);
        if (name == "within" && value.is_number_unsigned()) {
            within_s =
                unsigned(std::min<std::uint64_t>(value.get<std::uint64_t>(), confirm_within_s_max));
        } else if (setting != nullptr && value.is_string()) {
            *setting = value.get<std::string>();
            const bool is_plain = !name.starts_with("address") && *setting == "none";
            if (is_plain) setting->clear();
        } else {
            return refuse_fields({{escape_for_log(name), "unknown, or of another kind"}});
        }
    }
    // A gateway goes with its fixed address.
    if (settings.address == "dhcp" && !request.contains("gateway")) settings.gateway.clear();
    if (settings.address6 == "auto" && !request.contains("gateway6")) settings.gateway6.clear();
    const auto problems = check_network(settings);
    if (!problems.empty()) return refuse_fields(problems);
    const auto done = change.set(settings, within_s);
    return done ? show_network(request, daemon) : refuse_here(done.error());
}

std::string confirm_network(const Json&, const AskDaemon&) {
    return answer_words(network_change().confirm());
}

std::string revert_network(const Json&, const AskDaemon&) {
    return answer_words(network_change().revert());
}

std::string change_machine_settings(const Json& request, const AskDaemon&) {
    return set_machine({text_of(request, "host_name"), text_of(request, "time_zone"),
                        text_of(request, "log_servers")});
}

std::string reboot_machine(const Json&, const AskDaemon&) {
    return answer_words(switch_power(Power::reboot));
}
std::string power_machine_off(const Json&, const AskDaemon&) {
    return answer_words(switch_power(Power::off));
}
std::string reset_machine(const Json&, const AskDaemon&) {
    return answer_words(reset_to_factory());
}

// A key for the server becomes what is in that file.
std::string set_backups(const Json& request, const AskDaemon&) {
    const std::string path = text_of(request, "sftp_key");
    if (path.empty()) return answer_backup_set(request);
    const auto key = read_named(path);
    if (!key) return refuse_here(key.error());
    Json with_key = request;
    with_key["sftp_key"] = *key;
    return answer_backup_set(with_key);
}

std::string make_support_bundle(const Json& request, const AskDaemon& daemon) {
    const std::string file = text_of(request, "file");
    if (file.empty()) return refuse_here("which file?");
    const auto written = write_support_bundle(file, [&](const std::string& line) {
        if (const auto here = answer_here(line, daemon)) return *here;
        const auto response = daemon(line);
        return response ? *response : response.error();
    });
    if (!written) return refuse_here(written.error());
    return console::dump(Json{{"ok", true}, {"file", *written}});
}

struct HereRow {
    std::string_view command;
    std::string (*answer)(const Json& request, const AskDaemon& daemon);
};
constexpr std::array<HereRow, 17> here_rows = {{
    {"certificate.import-files", import_files},
    {"certificate.authority-file", authority_file},
    {"machine.set", change_machine_settings},
    {"network.show", show_network},
    {"network.set", set_network},
    {"network.confirm", confirm_network},
    {"network.revert", revert_network},
    {"machine.reboot", reboot_machine},
    {"machine.power-off", power_machine_off},
    {"machine.factory-reset", reset_machine},
    {"support-bundle", make_support_bundle},
    {"backup.show", [](const Json&, const AskDaemon&) { return answer_backup_show(); }},
    {"backup.set", set_backups},
    {"backup.list", [](const Json& r, const AskDaemon&) { return answer_backup_list(r); }},
    {"backup.plan", [](const Json& r, const AskDaemon&) { return answer_backup_plan(r); }},
    {"backup.messages", [](const Json& r, const AskDaemon&) { return answer_backup_messages(r); }},
    {"backup.start", [](const Json& r, const AskDaemon&) { return answer_backup_start(r); }},
}};

}  // namespace

std::optional<std::string> answer_here(const std::string& line, const AskDaemon& daemon) {
    const Json request = console::parse_json(line);
    const std::string command = text_of(request, "command");
    const auto* row = std::ranges::find(here_rows, command, &HereRow::command);
    if (row == here_rows.end()) return std::nullopt;
    return row->answer(request, daemon);
}

int run_request(const std::string& socket, bool as_json, const std::string& line,
                const std::function<std::string(const std::string& response)>& format) {
    std::string unreachable;
    const AskDaemon daemon = [&](const std::string& request) -> Answered {
        auto client = ControlClient::connect(socket);
        auto response = client ? client->request(request) : Answered(std::unexpect, client.error());
        if (!response) unreachable = response.error();
        return response;
    };
    const auto here = answer_here(line, daemon);
    const Answered response = here ? Answered(*here) : daemon(line);
    if (!response) return complain(exit_unreachable, response.error());
    const Verdict verdict = read_verdict(*response);
    const bool is_unreachable =
        !unreachable.empty() && verdict.error == escape_for_log(unreachable, 1'024);
    if (is_unreachable) return complain(exit_unreachable, unreachable);
    if (as_json) {
        std::printf("%s\n", response->c_str());
    } else if (verdict.ok) {
        std::fputs(format(*response).c_str(), stdout);
    } else {
        return complain(exit_refused, verdict.error);
    }
    return verdict.ok ? exit_done : exit_refused;
}

}  // namespace postern::app
