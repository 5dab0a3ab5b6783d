// The control protocol; see control_protocol.hpp. A request is checked against the command's row
// before its handler runs, so a handler meets only fields of the right type.
#include "admin/control_protocol.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "admin/limits.hpp"
#include "admin/quota_text.hpp"
#include "admin/request_fields.hpp"
#include "base/ascii.hpp"

namespace postern::admin {
namespace {

struct Command {
    std::string_view name;
    std::array<Field, 9> fields;
    Json (*handle)(AdminBackend& backend, const Json& request);
};

Json ok() {
    return Json{{"ok", true}};
}
Json refusal(std::string_view text) {
    return Json{{"ok", false}, {"error", text}};
}
Json refusal(const auth::DatabaseProblem& problem) {
    return refusal(problem.text);
}

std::string text_of(const Json& request, const char* name) {
    return request.contains(name) ? request[name].get<std::string>() : std::string();
}
bool flag_of(const Json& request, const char* name) {
    return request.contains(name) && request[name].get<bool>();
}
// Nothing when it is not there: for ever.
auth::RetentionDays days_of(const Json& request) {
    if (!request.contains("days")) return {};
    const auto days = request["days"].get<std::uint64_t>();
    return auth::RetentionDays(
        std::uint32_t(std::min<std::uint64_t>(days, std::numeric_limits<std::uint32_t>::max())));
}
Json to_json(auth::RetentionDays days) {
    return days ? Json(*days) : Json();
}
std::vector<std::string> list_of(const Json& request, const char* name) {
    return request.contains(name) ? request[name].get<std::vector<std::string>>()
                                  : std::vector<std::string>();
}

// 0: no limit.
Json to_json(const auth::Quota& quota) {
    return {{"bytes_max", quota.bytes_max}, {"messages_max", quota.messages_max}};
}

Json to_json(const auth::DomainInfo& domain) {
    return {{"name", domain.name},
            {"display_name", domain.display_name},
            {"default", domain.is_default},
            {"accounts", domain.accounts},
            {"aliases", domain.aliases},
            {"pop3_retention_days", to_json(domain.pop3_retention)},
            {"quota", to_json(domain.quota)},
            {"total_quota", to_json(domain.total)}};
}

Json to_json(const auth::AccountInfo& account) {
    return {{"address", account.address},
            {"display_name", account.display_name},
            {"admin", account.role == auth::AccountRole::admin},
            {"disabled", account.disabled},
            {"pop3_retention_days", to_json(account.pop3_retention)},
            {"retention_of", account.has_its_own_retention ? "account" : "domain"},
            {"quota", to_json(account.quota)},
            {"language", account.language},
            {"home", account.home}};
}

Json to_json(const auth::AppPasswordInfo& password) {
    return {{"name", password.name}, {"created", password.created_s}};
}

Json to_json(const auth::AliasInfo& alias) {
    return {{"address", alias.address}, {"targets", alias.targets}};
}

template <class Infos>
Json to_json_list(const Infos& infos) {
    Json list = Json::array();
    for (const auto& info : infos) list.push_back(to_json(info));
    return list;
}

// {"ok":true, name: value} of an answer, or its problem.
template <class T>
Json respond(const char* name, const auth::DatabaseResult<T>& answer) {
    if (!answer) return refusal(answer.error());
    Json response = ok();
    response[name] = to_json(*answer);
    return response;
}
template <class T>
Json respond(const char* name, const auth::DatabaseResult<std::vector<T>>& answer) {
    if (!answer) return refusal(answer.error());
    Json response = ok();
    response[name] = to_json_list(*answer);
    return response;
}
Json respond(const auth::DatabaseResult<void>& answer) {
    return answer ? ok() : refusal(answer.error());
}

Json handle_domain_add(AdminBackend& backend, const Json& request) {
    const auto use =
        flag_of(request, "default") ? auth::DomainUse::default_domain : auth::DomainUse::ordinary;
    return respond("domain", backend.add_domain(text_of(request, "name"), use));
}

Json handle_domain_list(AdminBackend& backend, const Json&) {
    return respond("domains", backend.list_domains());
}

Json handle_domain_remove(AdminBackend& backend, const Json& request) {
    return respond(backend.remove_domain(text_of(request, "name")));
}

Json handle_domain_retention(AdminBackend& backend, const Json& request) {
    return respond(backend.set_domain_retention(text_of(request, "name"), days_of(request)));
}

Json handle_account_list(AdminBackend& backend, const Json& request) {
    return respond("accounts", backend.list_accounts(text_of(request, "domain")));
}

Json handle_account_passwd(AdminBackend& backend, const Json& request) {
    return respond(backend.set_password(text_of(request, "address"), text_of(request, "password")));
}

Json handle_account_disable(AdminBackend& backend, const Json& request) {
    return respond(
        backend.set_account_use(text_of(request, "address"), auth::AccountUse::disabled));
}

Json handle_account_enable(AdminBackend& backend, const Json& request) {
    return respond(backend.set_account_use(text_of(request, "address"), auth::AccountUse::enabled));
}

Json handle_account_retention(AdminBackend& backend, const Json& request) {
    std::optional<auth::RetentionDays> days;
    if (!flag_of(request, "as_domain")) days = days_of(request);
    return respond(backend.set_account_retention(text_of(request, "address"), days));
}

Json handle_account_language(AdminBackend& backend, const Json& request) {
    return respond(
        backend.set_account_language(text_of(request, "address"), text_of(request, "language")));
}

// What is to change, or in what way the request is wrong. Nothing of the two: no change.
std::expected<auth::QuotaChange, std::string> quota_change_of(const Json& request,
                                                              const char* storage,
                                                              const char* messages) {
    const auto quoted = [](const char* name) { return "\"" + std::string(name) + "\""; };
    auth::QuotaChange change;
    if (request.contains(storage)) {
        change.bytes = parse_storage_quota(text_of(request, storage));
        if (!change.bytes) {
            return std::unexpected(quoted(storage) +
                                   " is a size as in 500M or 10G, unlimited or domain");
        }
    }
    if (request.contains(messages)) {
        change.messages = parse_message_quota(text_of(request, messages));
        if (!change.messages) {
            return std::unexpected(quoted(messages) + " is a number, unlimited or domain");
        }
    }
    return change;
}

bool is_any(const auth::QuotaChange& change) {
    return change.bytes || change.messages;
}

Json handle_account_quota(AdminBackend& backend, const Json& request) {
    const auto change = quota_change_of(request, "storage", "messages");
    if (!change) return refusal(change.error());
    if (!is_any(*change)) return refusal("nothing to set");
    return respond(backend.set_account_quota(text_of(request, "address"), *change));
}

// Nothing is added when the rest of the request is wrong.
Json handle_account_add(AdminBackend& backend, const Json& request) {
    auth::NewAccount account;
    account.address = text_of(request, "address");
    account.password = text_of(request, "password");
    account.display_name = text_of(request, "display_name");
    if (flag_of(request, "admin")) account.role = auth::AccountRole::admin;
    if (request.contains("language")) account.language = text_of(request, "language");
    const auto change = quota_change_of(request, "storage", "messages");
    if (!change) return refusal(change.error());
    const auto added = backend.add_account(account);
    if (!added) return refusal(added.error());
    auth::DatabaseResult<void> done;
    if (is_any(*change)) done = backend.set_account_quota(added->address, *change);
    if (done && request.contains("days")) {
        done = backend.set_account_retention(added->address, days_of(request));
    }
    if (done && flag_of(request, "disabled")) {
        done = backend.set_account_use(added->address, auth::AccountUse::disabled);
    }
    if (!done) return refusal(added->address + " was added, but: " + done.error().text);
    return respond("account", backend.show_account(added->address));
}

Json handle_app_password_add(AdminBackend& backend, const Json& request) {
    const auto added =
        backend.add_app_password(text_of(request, "address"), text_of(request, "name"));
    if (!added) return refusal(added.error());
    Json response = ok();
    response["password"] = *added;
    return response;
}

Json handle_app_password_list(AdminBackend& backend, const Json& request) {
    return respond("app_passwords", backend.list_app_passwords(text_of(request, "address")));
}

Json handle_app_password_remove(AdminBackend& backend, const Json& request) {
    return respond(
        backend.remove_app_password(text_of(request, "address"), text_of(request, "name")));
}

Json handle_domain_quota(AdminBackend& backend, const Json& request) {
    const auto each = quota_change_of(request, "storage", "messages");
    if (!each) return refusal(each.error());
    const auto total = quota_change_of(request, "total_storage", "total_messages");
    if (!total) return refusal(total.error());
    if (!is_any(*each) && !is_any(*total)) return refusal("nothing to set");
    const std::string name = text_of(request, "name");
    auth::DatabaseResult<void> done;
    if (is_any(*each)) done = backend.set_domain_quota(name, *each);
    if (done && is_any(*total)) done = backend.set_domain_total(name, *total);
    return respond(done);
}

Json handle_account_remove(AdminBackend& backend, const Json& request) {
    const auto removed = backend.remove_account(text_of(request, "address"));
    if (!removed) return refusal(removed.error());
    Json response = ok();
    response["home"] = removed->home;
    response["shrunk_aliases"] = removed->shrunk_aliases;
    return response;
}

Json handle_alias_add(AdminBackend& backend, const Json& request) {
    return respond("alias",
                   backend.add_alias(text_of(request, "address"), list_of(request, "targets")));
}

Json handle_alias_list(AdminBackend& backend, const Json& request) {
    return respond("aliases", backend.list_aliases(text_of(request, "domain")));
}

Json handle_alias_remove(AdminBackend& backend, const Json& request) {
    return respond(backend.remove_alias(text_of(request, "address"), list_of(request, "targets")));
}

Json handle_status(AdminBackend& backend, const Json&) {
    const StatusReport report = backend.status();
    Json response = ok();
    response["version"] = report.version;
    response["host_name"] = report.host_name;
    response["uptime_s"] = report.uptime_s;
    response["shards"] = report.shards;
    response["connections"] = report.connections;
    response["listeners"] = Json::array();
    for (const ListenerStatus& listener : report.listeners) {
        response["listeners"].push_back({{"protocol", listener.protocol},
                                         {"address", listener.address},
                                         {"port", listener.port}});
    }
    response["counters"] = Json::object();
    for (const auto& [name, value] : report.counters) response["counters"][name] = value;
    response["data_directory"] = report.data_directory;
    response["certificate"] = {
        {"sha256", report.certificate_sha256},
        {"not_after", std::max<std::int64_t>(report.certificate_until_s, 0)}};
    response["plaintext_login"] = report.plaintext_login;
    const auto domains = backend.list_domains();
    if (!domains) return refusal(domains.error());
    response["domains"] = domains->size();
    const auto has_password = backend.has_admin_password();
    if (!has_password) return refusal(has_password.error());
    response["admin_password"] = *has_password;
    return response;
}

Json handle_admin_set(AdminBackend& backend, const Json& request) {
    return respond(backend.set_admin_password(text_of(request, "password")));
}

Json handle_admin_check(AdminBackend& backend, const Json& request) {
    return respond(backend.check_admin_password(text_of(request, "password")));
}

Json handle_client_settings(AdminBackend& backend, const Json& request) {
    const auto account = backend.show_account(text_of(request, "address"));
    if (!account) return refusal(account.error());
    const StatusReport report = backend.status();
    Json response = ok();
    response["address"] = account->address;
    response["display_name"] = account->display_name;
    response["settings"] = Json::array();
    for (const ClientSetting& setting :
         client_settings(report.listeners, report.host_name, account->address)) {
        response["settings"].push_back({{"protocol", setting.protocol},
                                        {"server", setting.server},
                                        {"port", setting.port},
                                        {"security", setting.security},
                                        {"user_name", setting.user_name}});
    }
    return response;
}

constexpr std::array<Command, 24> commands = {{
    {"domain.add", {required_text("name"), flag("default")}, handle_domain_add},
    {"domain.list", {}, handle_domain_list},
    {"domain.remove", {required_text("name")}, handle_domain_remove},
    {"domain.set-retention",
     {required_text("name"), optional_number("days")},
     handle_domain_retention},
    {"account.add",
     {required_text("address"), required_text("password"), optional_text("display_name"),
      flag("admin"), optional_text("language"), optional_text("storage"), optional_text("messages"),
      optional_number("days"), flag("disabled")},
     handle_account_add},
    {"account.add-app-password",
     {required_text("address"), required_text("name")},
     handle_app_password_add},
    {"account.list-app-passwords", {required_text("address")}, handle_app_password_list},
    {"account.remove-app-password",
     {required_text("address"), required_text("name")},
     handle_app_password_remove},
    {"account.list", {optional_text("domain"), flag("usage")}, handle_account_list},
    {"account.set-language",
     {required_text("address"), required_text("language")},
     handle_account_language},
    {"account.passwd",
     {required_text("address"), required_text("password")},
     handle_account_passwd},
    {"account.disable", {required_text("address")}, handle_account_disable},
    {"account.enable", {required_text("address")}, handle_account_enable},
    {"account.set-retention",
     {required_text("address"), optional_number("days"), flag("as_domain")},
     handle_account_retention},
    {"account.set-quota",
     {required_text("address"), optional_text("storage"), optional_text("messages")},
     handle_account_quota},
    {"domain.set-quota",
     {required_text("name"), optional_text("storage"), optional_text("messages"),
      optional_text("total_storage"), optional_text("total_messages")},
     handle_domain_quota},
    {"account.remove", {required_text("address")}, handle_account_remove},
    {"alias.add", {required_text("address"), list("targets", Need::required)}, handle_alias_add},
    {"alias.list", {optional_text("domain")}, handle_alias_list},
    {"alias.remove",
     {required_text("address"), list("targets", Need::optional)},
     handle_alias_remove},
    {"status", {}, handle_status},
    {"admin.set-password", {required_text("password")}, handle_admin_set},
    {"admin.check-password", {required_text("password")}, handle_admin_check},
    {"client-settings", {required_text("address")}, handle_client_settings},
}};

Json answer(AdminBackend& backend, std::string_view line) {
    if (line.size() > control_request_bytes_max) return refusal("the request is too long");
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!request.is_object()) return refusal("the request is not a JSON object");
    if (!request.contains("command") || !request["command"].is_string()) {
        return refusal("the request has no \"command\"");
    }
    const auto name = request["command"].get<std::string>();
    const auto* command = std::ranges::find(commands, name, &Command::name);
    if (command == commands.end()) {
        return refusal("there is no command \"" + escape_for_log(name) + "\"");
    }
    if (const std::string wrong = check_fields(command->name, command->fields, request);
        !wrong.empty()) {
        return refusal(wrong);
    }
    return command->handle(backend, request);
}

}  // namespace

std::string handle_request(AdminBackend& backend, std::string_view line) {
    const Json response = answer(backend, line);
    return response.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace postern::admin
