// Power, reset, support; see machine_actions.hpp.
#include "app/machine_actions.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/backup_site.hpp"
#include "app/update_command.hpp"
#include "base/ascii.hpp"
#include "console/cells.hpp"
#include "console/machine.hpp"
#include "console/request.hpp"
#include "postern/version.hpp"
#include "tls/pem_files.hpp"
#include "update/source.hpp"

namespace postern::app {
namespace {

using Done = std::expected<void, std::string>;

constexpr const char* bundle_name = "postern-support.txt";
constexpr std::uint64_t bundle_log_lines = 1'000;

using OpenedAppliance = std::expected<std::unique_ptr<update::Appliance>, std::string>;
OpenedAppliance open_appliance() {
    auto appliance = update::Appliance::open(update::standard_places());
    if (!appliance) return std::unexpected(appliance.error().words);
    return std::move(*appliance);
}

Done run_quietly(const char* program) {
    char* const words[] = {const_cast<char*>(program), nullptr};
    pid_t child = 0;
    if (const int problem = posix_spawnp(&child, program, nullptr, nullptr, words, environ)) {
        return std::unexpected(std::string(program) + ": " + std::strerror(problem));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) return std::unexpected(std::string(program) + " failed");
    return {};
}

std::string read_config_file() {
    const std::string path = usual_config_path();
    std::ifstream file(path, std::ios::binary);
    if (!file) return "not found\n";
    return path + "\n" + without_passwords(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::string bundle_text(const AskAnybody& ask) {
    std::string text = std::string("Postern ") + version + "\n";
    const auto add = [&](const std::string& title, const std::string& body) {
        text += "\n=== " + title + "\n" + body + (body.ends_with('\n') ? "" : "\n");
    };
    add("machine", console::format_machine_json(console::read_machine({})));
    const auto slots = update_status();
    add("slots", slots ? console::dump(*slots) : "none");
    for (const char* command : {"status", "service.list", "certificate.show", "network.show",
                                "domain.list", "queue.destinations"}) {
        add(command, ask(console::make_request(command)));
    }
    add("configuration", read_config_file());
    const std::string answer =
        ask(console::make_request("log.tail", {{"limit", bundle_log_lines}}));
    const console::Json log = console::parse_json(answer);
    std::string lines;
    for (const console::Json& line : console::member(log, "lines")) {
        if (line.is_string()) lines += console::shown_line(line.get<std::string>()) + "\n";
    }
    add("log", lines.empty() ? answer : lines);
    return text;
}

}  // namespace

Done switch_power(Power power) {
    if (const auto appliance = open_appliance(); !appliance) {
        return std::unexpected(appliance.error());
    }
    return run_quietly(power == Power::reboot ? "reboot" : "poweroff");
}

Done reset_to_factory() {
    const auto appliance = open_appliance();
    if (!appliance) return std::unexpected(appliance.error());
    const auto changed = update::change_boot_block(
        **appliance, [](update::BootBlock& block) { block.set("reset", "1"); });
    if (!changed) return std::unexpected(changed.error().words);
    return run_quietly("reboot");
}

std::expected<std::string, std::string> write_support_bundle(const std::string& path,
                                                             const AskAnybody& ask) {
    const std::string text = bundle_text(ask);
    if (path != "usb:") {
        if (auto ok = tls::write_private(path, text); !ok) return std::unexpected(ok.error());
        return path;
    }
    const auto appliance = open_appliance();
    if (!appliance) return std::unexpected(appliance.error());
    const auto stick = update::find_stick_to_write(**appliance);
    if (!stick) return std::unexpected(stick.error().words);
    const std::string file = stick->path() + "/" + bundle_name;
    if (auto ok = tls::write_private(file, text); !ok) return std::unexpected(ok.error());
    return std::string("usb:") + bundle_name;
}

std::string without_passwords(const std::string& config) {
    std::istringstream lines(config);
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = line.find('=');
        const std::string key = to_lower(line.substr(0, std::min(equals, line.size())));
        const bool is_secret = equals != line.npos &&
                               (key.contains("password") || key.contains("secret")) &&
                               !key.contains("password_file");
        text += (is_secret ? line.substr(0, equals) + "= (left out)" : line) + "\n";
    }
    return text;
}

}  // namespace postern::app
