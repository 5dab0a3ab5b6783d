// Ports as they are and as they will be; see services.hpp.
#include "app/services.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "app/settings_file.hpp"
#include "base/ascii.hpp"

namespace postern::app {
namespace {

admin::ServiceState& state_of(std::vector<admin::ServiceState>& states, const Listener& listener) {
    for (admin::ServiceState& each : states) {
        if (each.protocol == name_of(listener.protocol) && each.address == listener.address &&
            each.port == listener.port) {
            return each;
        }
    }
    return states.emplace_back(std::string(name_of(listener.protocol)), listener.address,
                               listener.port);
}

constexpr std::array every_protocol = {ListenerProtocol::smtp,        ListenerProtocol::submission,
                                       ListenerProtocol::submissions, ListenerProtocol::imap,
                                       ListenerProtocol::imaps,       ListenerProtocol::pop3,
                                       ListenerProtocol::pop3s,       ListenerProtocol::lmtp};

}  // namespace

std::expected<admin::ServiceReport, std::string> Services::report() {
    const auto settings = read_settings(settings_path(running_));
    if (!settings) return std::unexpected(settings.error());
    const auto next = lay_over(file_, *settings);
    if (!next) return std::unexpected(next.error());
    admin::ServiceReport report;
    for (const Listener& each : file_.listeners) state_of(report.services, each);
    for (const Listener& each : settings->listeners) state_of(report.services, each);
    for (const Listener& each : running_.listeners) state_of(report.services, each).open = true;
    for (const Listener& each : next->listeners) state_of(report.services, each).enabled = true;
    report.plaintext_login = running_.allow_plaintext_auth;
    report.plaintext_login_next = next->allow_plaintext_auth;
    const char* supervised = std::getenv("POSTERN_SUPERVISED");
    report.can_restart = supervised != nullptr && std::string_view(supervised) == "1";
    return report;
}

std::expected<void, std::string> Services::set(const admin::ServiceChange& change) {
    const auto* protocol = std::ranges::find(every_protocol, std::string_view(change.protocol),
                                             [](ListenerProtocol each) { return name_of(each); });
    if (protocol == every_protocol.end()) {
        return std::unexpected("there is no protocol " + escape_for_log(change.protocol));
    }
    const auto settings = read_settings(settings_path(running_));
    if (!settings) return std::unexpected(settings.error());
    const ServiceSwitch wanted{*protocol, change.port, change.address, change.enabled};
    const auto turned = turn(file_, *settings, wanted);
    if (!turned) return std::unexpected(turned.error());
    // As it will be read: an address that is none is seen now.
    const auto read = parse_settings(format_settings(*turned), "settings");
    if (!read) return std::unexpected(read.error().key + " " + read.error().text);
    if (change.address.find_first_of("\"\\\n") != std::string::npos) {
        return std::unexpected("there is no such address");
    }
    return write_settings(settings_path(running_), *turned);
}

std::expected<void, std::string> Services::set_plaintext(bool allowed) {
    auto settings = read_settings(settings_path(running_));
    if (!settings) return std::unexpected(settings.error());
    settings->allow_plaintext_auth = allowed;
    if (allowed == file_.allow_plaintext_auth) settings->allow_plaintext_auth.reset();
    return write_settings(settings_path(running_), *settings);
}

}  // namespace postern::app
