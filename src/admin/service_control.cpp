// Ports and plain-text logins on request; see service_control.hpp.
#include "admin/service_control.hpp"

#include <algorithm>
#include <array>

#include "admin/request_fields.hpp"

namespace postern::admin {
namespace {

using Outcome = std::expected<ServiceAnswer, std::string>;

ServiceAnswer answer_report(const ServiceReport& report) {
    Json response = fine();
    response["services"] = Json::array();
    bool differs = report.plaintext_login != report.plaintext_login_next;
    for (const ServiceState& each : report.services) {
        response["services"].push_back({{"protocol", each.protocol},
                                        {"address", each.address},
                                        {"port", each.port},
                                        {"open", each.open},
                                        {"enabled", each.enabled}});
        differs = differs || each.open != each.enabled;
    }
    response["plaintext_login"] = report.plaintext_login;
    response["plaintext_login_next"] = report.plaintext_login_next;
    response["needs_restart"] = differs;
    response["can_restart"] = report.can_restart;
    return {line_of(response), Restart::no};
}

Outcome list_services(ServiceKeeper& keeper, const Json&) {
    const auto report = keeper.report();
    if (!report) return std::unexpected(report.error());
    return answer_report(*report);
}

Outcome set_service(ServiceKeeper& keeper, const Json& request) {
    ServiceChange change;
    change.protocol = request["protocol"].get<std::string>();
    change.enabled = request["enabled"].get<bool>();
    if (request.contains("address")) change.address = request["address"].get<std::string>();
    if (request.contains("port")) {
        const auto port = request["port"].get<std::uint64_t>();
        if (port == 0 || port > 65'535) return std::unexpected("a port is from 1 to 65535");
        change.port = std::uint16_t(port);
    }
    const auto set = keeper.set(change);
    if (!set) return std::unexpected(set.error());
    return list_services(keeper, request);
}

Outcome set_plaintext(ServiceKeeper& keeper, const Json& request) {
    const auto set = keeper.set_plaintext(request["allowed"].get<bool>());
    if (!set) return std::unexpected(set.error());
    return list_services(keeper, request);
}

Outcome restart(ServiceKeeper& keeper, const Json&) {
    const auto report = keeper.report();
    if (!report) return std::unexpected(report.error());
    if (!report->can_restart) {
        return std::unexpected(
            "nobody would start the gateway again: do it by hand, or set POSTERN_SUPERVISED=1 "
            "where a supervisor starts it");
    }
    return ServiceAnswer{line_of(fine()), Restart::yes};
}

struct ServiceCommand {
    std::string_view name;
    Outcome (*work)(ServiceKeeper& keeper, const Json& request);
    std::array<Field, 4> fields;
};
constexpr std::array<ServiceCommand, 4> service_commands = {{
    {"service.list", list_services, {}},
    {"service.set",
     set_service,
     {required_text("protocol"), required_flag("enabled"), optional_number("port"),
      optional_text("address")}},
    {"service.plaintext", set_plaintext, {required_flag("allowed")}},
    {"restart", restart, {}},
}};

const ServiceCommand* find_service_command(std::string_view line) {
    const std::string name = command_of(line);
    const auto* found = std::ranges::find(service_commands, name, &ServiceCommand::name);
    return found == service_commands.end() ? nullptr : found;
}

}  // namespace

bool is_service_request(std::string_view line) {
    return find_service_command(line) != nullptr;
}

ServiceAnswer handle_service_request(ServiceKeeper& keeper, std::string_view line) {
    const ServiceCommand* command = find_service_command(line);
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const std::string wrong = check_fields(command->name, command->fields, request);
    if (!wrong.empty()) return {line_of(sorry(wrong)), Restart::no};
    const Outcome outcome = command->work(keeper, request);
    if (!outcome) return {line_of(sorry(outcome.error())), Restart::no};
    return *outcome;
}

}  // namespace postern::admin
