// Commands on mail; see store_commands.hpp.
#include "admin/store_commands.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "admin/limits.hpp"
#include "base/ascii.hpp"

namespace postern::admin {
namespace {

using StoreJson = nlohmann::ordered_json;
using Kind = StoreRequest::Kind;

struct StoreCommand {
    std::string_view name;
    Kind kind;
    std::array<std::string_view, 3> fields;
};
constexpr std::array<StoreCommand, 4> store_commands = {{
    {"store.check", Kind::check, {"address", "repair"}},
    {"store.export-dovecot", Kind::export_dovecot, {"address"}},
    {"undelete", Kind::undelete, {"address", "mailbox", "since"}},
    {"account.usage", Kind::usage, {"address"}},
}};

const StoreCommand* find_store_command(const StoreJson& request) {
    if (!request.is_object() || !request.contains("command")) return nullptr;
    if (!request["command"].is_string()) return nullptr;
    const auto name = request["command"].get<std::string>();
    for (const StoreCommand& command : store_commands) {
        if (command.name == name) return &command;
    }
    return nullptr;
}

bool is_known_field(const StoreCommand& command, std::string_view name) {
    if (name == "command") return true;
    for (std::string_view field : command.fields) {
        if (!field.empty() && field == name) return true;
    }
    return false;
}

std::expected<void, std::string> take_field(std::string_view name, const StoreJson& value,
                                            StoreRequest& request) {
    if (name == "repair") {
        if (!value.is_boolean()) return std::unexpected("\"repair\" must be true or false");
        if (value.get<bool>()) request.kind = Kind::repair;
        return {};
    }
    if (name == "since") {
        if (!value.is_number_unsigned()) return std::unexpected("\"since\" must be a time");
        request.since_s = value.get<std::int64_t>();
        return {};
    }
    if (!value.is_string()) return std::unexpected("\"" + std::string(name) + "\" must be a text");
    (name == "address" ? request.address : request.mailbox) = value.get<std::string>();
    return {};
}

}  // namespace

std::optional<std::expected<StoreRequest, std::string>> parse_store_request(std::string_view line) {
    if (line.size() > control_request_bytes_max) return std::nullopt;
    const StoreJson json = StoreJson::parse(line, nullptr, /*allow_exceptions=*/false);
    const StoreCommand* command = find_store_command(json);
    if (command == nullptr) return std::nullopt;
    const std::string prefix = std::string(command->name) + ": ";
    StoreRequest request;
    request.kind = command->kind;
    for (const auto& [name, value] : json.items()) {
        if (!is_known_field(*command, name)) {
            return std::unexpected(prefix + "unknown field \"" + escape_for_log(name) + "\"");
        }
        if (name == "command") continue;
        if (auto taken = take_field(name, value, request); !taken) {
            return std::unexpected(prefix + taken.error());
        }
    }
    if (request.address.empty() && command->kind != Kind::check) {
        return std::unexpected(prefix + "\"address\" is missing");
    }
    return request;
}

std::vector<std::string> accounts_to_measure(std::string_view request, std::string_view response) {
    const StoreJson asked = StoreJson::parse(request, nullptr, /*allow_exceptions=*/false);
    const StoreJson answer = StoreJson::parse(response, nullptr, /*allow_exceptions=*/false);
    std::vector<std::string> addresses;
    if (!asked.is_object() || !answer.is_object() || !answer.contains("accounts")) return addresses;
    if (!asked.contains("command") || asked["command"] != "account.list") return addresses;
    if (!asked.contains("usage") || asked["usage"] != true) return addresses;
    for (const StoreJson& account : answer["accounts"]) {
        addresses.push_back(account.value("address", std::string()));
    }
    return addresses;
}

std::string add_usage(std::string_view response, const std::vector<StoreAnswer>& usages) {
    StoreJson json = StoreJson::parse(response, nullptr, /*allow_exceptions=*/false);
    for (std::size_t i = 0; i < usages.size(); ++i) {
        StoreJson& account = json["accounts"][i];
        account["usage"] = nullptr;
        if (!usages[i].error.empty()) continue;
        account["usage"] = {{"bytes", usages[i].bytes}, {"messages", usages[i].messages}};
    }
    return json.dump(-1, ' ', false, StoreJson::error_handler_t::replace) + "\n";
}

std::string format_store_answer(Kind kind, const StoreAnswer& answer) {
    StoreJson json;
    json["ok"] = answer.error.empty();
    if (!answer.error.empty()) {
        json["error"] = answer.error;
    } else if (kind == Kind::check || kind == Kind::repair) {
        json["accounts"] = answer.accounts;
        json["problems"] = answer.problems;
    } else if (kind == Kind::undelete) {
        json["restored"] = answer.restored;
    } else if (kind == Kind::usage) {
        json["bytes"] = answer.bytes;
        json["bytes_max"] = answer.bytes_max;
        json["messages"] = answer.messages;
        json["messages_max"] = answer.messages_max;
    }
    return json.dump(-1, ' ', false, StoreJson::error_handler_t::replace) + "\n";
}

}  // namespace postern::admin
