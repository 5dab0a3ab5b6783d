// postern, the administration command: turns its arguments into one request of the control
// protocol, sends it to the daemon, and prints the answer; without a command it is the console.
// What acts on the appliance itself or on the gateway's files is done here, without the daemon:
// update_command.hpp, backup_command.hpp, restore_command.hpp.
// Longer than 500 lines because every command is declared here, once.
//
// Exit status: 0 done; 1 the daemon refused, its reason is on standard error, or a check has found
// something; 2 wrong arguments or no password; 3 the daemon cannot be reached, and the message says
// at which socket.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "app/app_password_command.hpp"
#include "app/ask_offline.hpp"
#include "app/backup_command.hpp"
#include "app/certificate_command.hpp"
#include "app/machine_command.hpp"
#include "app/machine_settings.hpp"
#include "app/network_command.hpp"
#include "app/password_prompt.hpp"
#include "app/postern_here.hpp"
#include "app/postern_output.hpp"
#include "app/restore_command.hpp"
#include "app/service_command.hpp"
#include "app/trace_output.hpp"
#include "app/update_command.hpp"
#include "postern/control_client.hpp"
#include "postern/version.hpp"

namespace postern::app {
namespace {

using Json = nlohmann::ordered_json;

// What CLI11 writes into; each command uses a few of them.
struct Arguments {
    std::string socket = default_control_socket;
    bool json = false;
    std::string name;
    std::string domain;
    std::string display_name;
    std::vector<std::string> targets;
    std::string from;
    std::string to;
    std::string reason;
    bool flag = false;
    std::optional<std::uint32_t> days;
    std::string storage;
    std::string messages;
    std::string total_storage;
    std::string total_messages;
    std::string language;
    std::string config = "/etc/postern/postern.toml";
    bool offline = false;
    bool is_disabled = false;
    std::string mailbox;
    std::string since;
    std::uint32_t limit = 20;
    bool html = false;
    bool qr = false;
};

enum class Password : unsigned char { none, asked };

// The request that the chosen command makes; empty command: nothing was chosen.
struct Request {
    std::string command;
    Json fields = Json::object();
    Password password = Password::none;
};

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void add_domain_commands(CLI::App& app, Arguments& arguments, Request& request) {
    CLI::App* domain = app.add_subcommand("domain", "the mail domains of this gateway");
    domain->require_subcommand(1);

    CLI::App* add = domain->add_subcommand("add", "add a domain");
    add->add_option("NAME", arguments.name, "as in example.org")->required();
    add->add_flag("--default", arguments.flag, "bare user names mean this domain");
    add->callback(
        [&] { request = {"domain.add", {{"name", arguments.name}, {"default", arguments.flag}}}; });
    domain->add_subcommand("list", "list the domains")->callback([&] {
        request = {"domain.list"};
    });
    CLI::App* remove = domain->add_subcommand("remove", "remove a domain that is empty");
    remove->add_option("NAME", arguments.name)->required();
    remove->callback([&] { request = {"domain.remove", {{"name", arguments.name}}}; });
    CLI::App* retention =
        domain->add_subcommand("set-retention", "how long mail that POP3 has read is kept");
    retention->add_option("NAME", arguments.name)->required();
    retention->add_option("DAYS", arguments.days, "from 0; without it, for ever");
    retention->callback([&] {
        request = {"domain.set-retention", {{"name", arguments.name}}};
        if (arguments.days) request.fields["days"] = *arguments.days;
    });
}

void add_account_rules(CLI::App& account, Arguments& arguments, Request& request) {
    CLI::App* disable = account.add_subcommand("disable", "no login; mail still arrives");
    disable->add_option("ADDRESS", arguments.name)->required();
    disable->callback([&] { request = {"account.disable", {{"address", arguments.name}}}; });
    CLI::App* enable = account.add_subcommand("enable", "logins again");
    enable->add_option("ADDRESS", arguments.name)->required();
    enable->callback([&] { request = {"account.enable", {{"address", arguments.name}}}; });
    CLI::App* retention =
        account.add_subcommand("set-retention", "how long mail that POP3 has read is kept");
    retention->add_option("ADDRESS", arguments.name)->required();
    retention->add_option("DAYS", arguments.days, "from 0; without it, for ever");
    retention->add_flag("--as-domain", arguments.flag, "no rule of its own, but its domain's");
    retention->callback([&] {
        request = {"account.set-retention",
                   {{"address", arguments.name}, {"as_domain", arguments.flag}}};
        if (arguments.days) request.fields["days"] = *arguments.days;
    });
}

// Those quotas that were given.
void put_quotas(const Arguments& arguments, Request& request) {
    const auto put = [&](const char* field, const std::string& text) {
        if (!text.empty()) request.fields[field] = text;
    };
    put("storage", arguments.storage);
    put("messages", arguments.messages);
    put("total_storage", arguments.total_storage);
    put("total_messages", arguments.total_messages);
}

void add_account_quota(CLI::App& account, Arguments& arguments, Request& request) {
    CLI::App* quota = account.add_subcommand("set-quota", "how much mail an account may keep");
    quota->add_option("ADDRESS", arguments.name)->required();
    quota->add_option("--storage", arguments.storage,
                      "as in 500M or 10G; unlimited; domain: as its domain has it");
    quota->add_option("--messages", arguments.messages, "a number; unlimited; domain");
    quota->callback([&] {
        request = {"account.set-quota", {{"address", arguments.name}}};
        put_quotas(arguments, request);
    });
    CLI::App* language =
        account.add_subcommand("set-language", "how special folders are called when they are made");
    language->add_option("ADDRESS", arguments.name)->required();
    language->add_option("LANGUAGE", arguments.language, "en, pt or ru")->required();
    language->callback([&] {
        request = {"account.set-language",
                   {{"address", arguments.name}, {"language", arguments.language}}};
    });
}

void add_domain_quota(CLI::App& domain, Arguments& arguments, Request& request) {
    CLI::App* quota = domain.add_subcommand(
        "set-quota", "how much mail its accounts may keep, each and all together");
    quota->add_option("NAME", arguments.name)->required();
    quota->add_option("--storage", arguments.storage,
                      "of each account that has no quota of its own: 500M, 10G, unlimited");
    quota->add_option("--messages", arguments.messages,
                      "the same in messages: a number, unlimited");
    quota->add_option("--total-storage", arguments.total_storage,
                      "of all its accounts together: 500M, 10G, unlimited");
    quota->add_option("--total-messages", arguments.total_messages,
                      "the same in messages: a number, unlimited");
    quota->callback([&] {
        request = {"domain.set-quota", {{"name", arguments.name}}};
        put_quotas(arguments, request);
    });
}

void add_account_files(CLI::App& account, Arguments& arguments, Request& request) {
    account.add_subcommand("export", "all accounts as comma-separated values, without passwords")
        ->callback([&] { request = {"account export"}; });
    CLI::App* import = account.add_subcommand("import", "add the accounts of a CSV file");
    import->add_option("FILE", arguments.name, "-: standard input")->required();
    import->footer(
        "Its first line names the columns: address, name, password, language, storage,\n"
        "messages, pop3_days, disabled, admin.");
    import->callback([&] { request = {"account import"}; });
}

void add_account_commands(CLI::App& app, Arguments& arguments, Request& request) {
    CLI::App* account = app.add_subcommand("account", "the people who have a mailbox");
    account->require_subcommand(1);
    const char* from_terminal = "the password is asked for, or read from standard input";

    CLI::App* add = account->add_subcommand("add", "add an account")->footer(from_terminal);
    add->add_option("ADDRESS", arguments.name, "as in alice@example.org")->required();
    add->add_option("--name", arguments.display_name, "the person's name");
    add->add_flag("--admin", arguments.flag,
                  "gets mail to postmaster when nobody else does, may set quotas by IMAP");
    add->add_option("--language", arguments.language, "of its special folders: en, pt or ru");
    add->add_option("--storage", arguments.storage, "as in 500M or 10G; else as its domain has it");
    add->add_option("--pop3-days", arguments.days, "how long mail that POP3 has read is kept");
    add->add_flag("--disabled", arguments.is_disabled, "no login yet");
    add->callback([&] {
        request = {"account.add",
                   {{"address", arguments.name},
                    {"display_name", arguments.display_name},
                    {"admin", arguments.flag}},
                   Password::asked};
        if (!arguments.language.empty()) request.fields["language"] = arguments.language;
        if (arguments.days) request.fields["days"] = *arguments.days;
        if (arguments.is_disabled) request.fields["disabled"] = true;
        put_quotas(arguments, request);
    });
    add_account_quota(*account, arguments, request);
    add_account_files(*account, arguments, request);
    CLI::App* list = account->add_subcommand("list", "list the accounts");
    list->add_option("--domain", arguments.domain, "only those of this domain");
    list->callback(
        [&] { request = {"account.list", {{"domain", arguments.domain}, {"usage", true}}}; });
    CLI::App* passwd =
        account->add_subcommand("passwd", "set an account's password")->footer(from_terminal);
    passwd->add_option("ADDRESS", arguments.name)->required();
    passwd->callback(
        [&] { request = {"account.passwd", {{"address", arguments.name}}, Password::asked}; });
    add_account_rules(*account, arguments, request);
    CLI::App* remove = account->add_subcommand("remove", "remove an account; its mail stays");
    remove->add_option("ADDRESS", arguments.name)->required();
    remove->callback([&] { request = {"account.remove", {{"address", arguments.name}}}; });
}

void add_alias_commands(CLI::App& app, Arguments& arguments, Request& request) {
    CLI::App* alias = app.add_subcommand("alias", "addresses that lead to others");
    alias->require_subcommand(1);

    CLI::App* add = alias->add_subcommand("add", "make an alias, or give it more targets");
    add->add_option("ADDRESS", arguments.name, "as in info@example.org")->required();
    add->add_option("TARGET", arguments.targets, "where its mail goes")->required();
    add->callback([&] {
        request = {"alias.add", {{"address", arguments.name}, {"targets", arguments.targets}}};
    });
    CLI::App* list = alias->add_subcommand("list", "list the aliases");
    list->add_option("--domain", arguments.domain, "only those of this domain");
    list->callback([&] { request = {"alias.list", {{"domain", arguments.domain}}}; });
    CLI::App* remove = alias->add_subcommand("remove", "remove an alias, or some of its targets");
    remove->add_option("ADDRESS", arguments.name)->required();
    remove->add_option("TARGET", arguments.targets, "only these targets");
    remove->callback([&] {
        request = {"alias.remove", {{"address", arguments.name}, {"targets", arguments.targets}}};
    });
}

// Which entries of the queue; only what was given.
Json selection_of(const Arguments& arguments) {
    Json fields = Json::object();
    if (!arguments.targets.empty()) fields["ids"] = arguments.targets;
    if (!arguments.from.empty()) fields["from"] = arguments.from;
    if (!arguments.to.empty()) fields["to"] = arguments.to;
    if (!arguments.domain.empty()) fields["domain"] = arguments.domain;
    if (!arguments.reason.empty()) fields["reason"] = arguments.reason;
    if (arguments.flag) fields["all"] = true;
    return fields;
}

CLI::App* add_queue_selection(CLI::App& queue, const char* name, const char* text,
                              Arguments& arguments, Request& request) {
    CLI::App* command = queue.add_subcommand(name, text);
    command->add_option("ID", arguments.targets, "entries, as queue list shows them");
    command->add_option("--from", arguments.from, "of this sender; <> for the null sender");
    command->add_option("--to", arguments.to, "with this recipient");
    command->add_option("--domain", arguments.domain, "with a recipient in this domain");
    command->add_flag("--all", arguments.flag, "every entry");
    command->callback([&arguments, &request, name] {
        request = {std::string("queue.") + name, selection_of(arguments)};
    });
    return command;
}

void add_queue_commands(CLI::App& app, Arguments& arguments, Request& request) {
    CLI::App* queue = app.add_subcommand("queue", "mail that waits to go elsewhere");
    queue->require_subcommand(1);
    add_queue_selection(*queue, "list", "list entries, oldest first", arguments, request);
    CLI::App* hold =
        add_queue_selection(*queue, "hold", "keep entries from being sent", arguments, request);
    hold->alias("freeze");
    hold->add_option("--reason", arguments.reason, "shown beside the entry");
    add_queue_selection(*queue, "release", "end a hold", arguments, request);
    add_queue_selection(*queue, "retry", "try now", arguments, request);
    add_queue_selection(*queue, "delete", "remove; nobody is told", arguments, request);
    add_queue_selection(*queue, "bounce", "return to the sender now", arguments, request);
    CLI::App* show = queue->add_subcommand("show", "an entry and its recipients");
    show->add_option("ID", arguments.targets)->required();
    show->callback([&] { request = {"queue.show", selection_of(arguments)}; });
    queue->add_subcommand("destinations", "where mail goes, and what stands in its way")
        ->callback([&] { request = {"queue.destinations"}; });
    for (const char* name : {"suspend", "resume"}) {
        CLI::App* command = queue->add_subcommand(name, "attempts to a destination");
        command->add_option("DESTINATION", arguments.name, "a domain, or a route")->required();
        command->callback([&arguments, &request, name] {
            request = {std::string("queue.") + name, {{"destination", arguments.name}}};
        });
    }
}

void add_other_commands(CLI::App& app, Arguments& arguments, Request& request) {
    app.add_subcommand("status", "what the daemon is doing")->callback([&] {
        request = {"status"};
    });
    CLI::App* settings = app.add_subcommand("client-settings", "what to enter in a mail client");
    settings->add_option("ADDRESS", arguments.name)->required();
    settings->add_option("--lang", arguments.language, "a page for people: en, pt or ru")
        ->check(CLI::IsMember({"en", "pt", "ru"}));
    CLI::Option* html = settings->add_flag("--html", arguments.html, "that page to print");
    settings->add_flag("--qr", arguments.qr, "a code for a telephone's camera")->excludes(html);
    settings->callback([&] { request = {"client-settings", {{"address", arguments.name}}}; });
}

void add_machine_commands(CLI::App& app, Arguments& arguments, Request& request) {
    app.add_subcommand("machine", "addresses, memory, disk, clock")->callback([&] {
        request = {"machine"};
    });
    CLI::App* admin = app.add_subcommand("admin", "the password of the console");
    admin->require_subcommand(1);
    const char* from_terminal = "the password is asked for, or read from standard input";
    admin->add_subcommand("password", "set it")->footer(from_terminal)->callback([&] {
        request = {"admin.set-password", Json::object(), Password::asked};
    });
    admin->add_subcommand("check-password", "whether this is it")
        ->footer(from_terminal)
        ->callback([&] { request = {"admin.check-password", Json::object(), Password::asked}; });
    CLI::App* log = app.add_subcommand("log", "the latest lines of the daemon's log");
    log->add_option("--filter", arguments.reason, "only those with these words");
    log->add_option("--limit", arguments.limit, "how many")->capture_default_str();
    log->callback([&] {
        request = {"log.tail", {{"contains", arguments.reason}, {"limit", arguments.limit}}};
    });
    CLI::App* dns = app.add_subcommand("dns-check", "what a domain must publish, and what it does");
    dns->add_option("DOMAIN", arguments.name)->required();
    dns->add_option("--via", arguments.domain,
                    "whose mail server is tried, to see whether port 25 is open to us");
    dns->callback([&] {
        request = {"dns-check", {{"domain", arguments.name}}};
        if (!arguments.domain.empty()) request.fields["via"] = arguments.domain;
    });
}

// "3d", "12h", "30m" ago, or a day, as in 2026-02-28 (UTC); Unix seconds.
std::optional<std::int64_t> parse_since(const std::string& text) {
    if (text.empty()) return 0;
    std::tm day{};
    const char* end = strptime(text.c_str(), "%Y-%m-%d", &day);
    if (end != nullptr && *end == '\0') return timegm(&day);
    std::int64_t unit = 0;
    if (text.back() == 'd') unit = 86'400;
    if (text.back() == 'h') unit = 3'600;
    if (text.back() == 'm') unit = 60;
    const std::string digits = text.substr(0, text.size() - 1);
    const bool is_number = !digits.empty() && digits.size() < 8 &&
                           digits.find_first_not_of("0123456789") == std::string::npos;
    if (unit == 0 || !is_number) return std::nullopt;
    return std::max<std::int64_t>(0, std::time(nullptr) - unit * std::stoll(digits));
}

void add_store_commands(CLI::App& app, Arguments& arguments, Request& request) {
    CLI::App* store = app.add_subcommand("store", "the mail on disk");
    store->require_subcommand(1);
    CLI::App* check = store->add_subcommand("check", "look for damage in every mailbox");
    check->add_option("ADDRESS", arguments.name, "only of this account");
    check->add_flag("--repair", arguments.flag, "make anew what is beside the messages");
    check->add_flag("--offline", arguments.offline, "without the daemon, which must not run");
    check->add_option("--config", arguments.config, "its configuration, for --offline")
        ->capture_default_str();
    check->callback([&] {
        request = {"store.check", {{"address", arguments.name}, {"repair", arguments.flag}}};
    });
    CLI::App* hand_back =
        store->add_subcommand("export-dovecot", "write what Dovecot needs to take over");
    hand_back->add_option("ADDRESS", arguments.name)->required();
    hand_back->callback([&] { request = {"store.export-dovecot", {{"address", arguments.name}}}; });

    CLI::App* undelete = app.add_subcommand("undelete", "bring back mail that was expunged");
    undelete->add_option("ADDRESS", arguments.name)->required();
    undelete->add_option("--mailbox", arguments.mailbox, "only of this mailbox");
    undelete->add_option("--since", arguments.since, "expunged since: 3d, 12h, 30m or YYYY-MM-DD");
    undelete->callback([&] {
        const auto since = parse_since(arguments.since);
        if (!since) throw CLI::ValidationError("--since", "3d, 12h, 30m or YYYY-MM-DD");
        request = {"undelete", {{"address", arguments.name}, {"since", std::uint64_t(*since)}}};
        if (!arguments.mailbox.empty()) request.fields["mailbox"] = arguments.mailbox;
    });
    CLI::App* usage =
        app.get_subcommand("account")->add_subcommand("usage", "what an account holds, and may");
    usage->add_option("ADDRESS", arguments.name)->required();
    usage->callback([&] { request = {"account.usage", {{"address", arguments.name}}}; });
}

void add_trace_command(CLI::App& app, Arguments& arguments, Request& request) {
    CLI::App* trace = app.add_subcommand("trace", "what became of a message");
    trace->add_option("WHAT", arguments.name, "an address, an id, or a Message-ID")->required();
    trace->add_option("--since", arguments.since, "only since: 3d, 12h, 30m or YYYY-MM-DD");
    trace->add_option("--limit", arguments.limit, "how many messages, the latest first")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    trace->callback([&] {
        const auto since = parse_since(arguments.since);
        if (!since) throw CLI::ValidationError("--since", "3d, 12h, 30m or YYYY-MM-DD");
        request = {"trace", {{"for", arguments.name}, {"since", std::uint64_t(*since)}}};
    });
}

// The page for people, if one was asked for.
std::string format_answer(const Request& request, const Arguments& arguments,
                          const std::string& response) {
    const bool is_page = arguments.html || arguments.qr || !arguments.language.empty();
    if (request.command != "client-settings" || !is_page) {
        return format_response(request.command, response);
    }
    const PageForm form = arguments.html ? PageForm::html
                          : arguments.qr ? PageForm::qr
                                         : PageForm::text;
    return format_settings_page(response, arguments.language, form);
}

// The daemon's answer, on the appliance with what the daemon cannot know: the slots.
void print_json(const std::string& response, const std::optional<Json>& slots) {
    Json answer = slots ? Json::parse(response, nullptr, /*allow_exceptions=*/false) : Json();
    if (answer.is_object()) answer["update"] = *slots;
    std::printf("%s\n", answer.is_object() ? dump(answer).c_str() : response.c_str());
}

bool has_problems(const std::string& response) {
    const Json json = Json::parse(response, nullptr, /*allow_exceptions=*/false);
    return json.is_object() && json.contains("problems") && !json["problems"].empty();
}

int send(Request request, const Arguments& arguments) {
    std::optional<ControlClient> client;
    if (!arguments.offline) {
        auto connected = ControlClient::connect(arguments.socket);
        if (!connected) return complain(exit_unreachable, connected.error());
        client.emplace(std::move(*connected));
    }
    Json line = {{"command", request.command}};
    line.update(request.fields);
    if (request.password == Password::asked) {
        const auto password = read_new_password();
        if (!password) return complain(exit_usage, describe(password.error()));
        line["password"] = *password;
    }
    const auto response =
        client ? client->request(dump(line)) : ask_offline(arguments.config, dump(line));
    if (!response) return complain(exit_unreachable, response.error());
    const Verdict verdict = read_verdict(*response);
    const auto slots = request.command == "status" ? update_status() : std::nullopt;
    if (arguments.json) print_json(*response, slots);
    if (!verdict.ok) {
        return arguments.json ? exit_refused : complain(exit_refused, verdict.error);
    }
    if (!arguments.json) {
        std::fputs(format_answer(request, arguments, *response).c_str(), stdout);
        if (slots) std::printf("\n%s", format_update_status(*slots).c_str());
    }
    return has_problems(*response) ? exit_refused : exit_done;
}

// Page after page until there are as many as are wanted. A message whose events lie on two pages
// comes with both; it is shown once.
int send_trace(const Request& request, const Arguments& arguments) {
    auto client = ControlClient::connect(arguments.socket);
    if (!client) return complain(exit_unreachable, client.error());
    Json line = {{"command", request.command}};
    line.update(request.fields);
    Json all = {{"ok", true}, {"messages", Json::array()}};
    std::set<std::string> known;
    while (all["messages"].size() < arguments.limit) {
        line["limit"] = arguments.limit - all["messages"].size();
        const auto response = client->request(dump(line));
        if (!response) return complain(exit_unreachable, response.error());
        const Verdict verdict = read_verdict(*response);
        if (!verdict.ok) {
            if (arguments.json) std::printf("%s\n", response->c_str());
            return arguments.json ? exit_refused : complain(exit_refused, verdict.error);
        }
        Json page = Json::parse(*response, nullptr, /*allow_exceptions=*/false);
        for (Json& message : page["messages"]) {
            if (known.insert(message.value("id", "")).second) all["messages"].push_back(message);
        }
        all["damaged"] = page.value("damaged", 0);
        if (!page.contains("more_before_ns")) break;
        line["before_ns"] = page["more_before_ns"];
    }
    std::printf("%s", arguments.json ? (dump(all) + '\n').c_str() : format_trace(all).c_str());
    return exit_done;
}

int run_on_file(const Request& request, const Arguments& arguments) {
    auto client = ControlClient::connect(arguments.socket);
    if (!client) return complain(exit_unreachable, client.error());
    if (request.command == "account export") return export_accounts(std::move(*client));
    return import_accounts(std::move(*client), arguments.name, arguments.json);
}

int run(int argc, char** argv) {
    Arguments arguments;
    Request request;
    UpdateArguments update;
    MachineSettings machine;
    BackupArguments backup;
    LocalCommand local;
    CLI::App app("Administers the Postern mail gateway of this machine.", "postern");
    app.set_version_flag("--version", std::string("postern ") + version);
    app.add_option("--socket", arguments.socket, "the daemon's control socket")
        ->envname("POSTERN_SOCKET")
        ->take_last()
        ->capture_default_str();
    app.add_flag("--json", arguments.json, "print the daemon's answer as JSON");
    app.fallthrough();
    app.add_option("--lang", arguments.language, "of the console: en, pt or ru")
        ->check(CLI::IsMember({"en", "pt", "ru"}));
    app.footer("Without a command: the console, full screen.");
    app.require_subcommand(0, 1);
    add_domain_commands(app, arguments, request);
    add_account_commands(app, arguments, request);
    add_domain_quota(*app.get_subcommand("domain"), arguments, request);
    add_alias_commands(app, arguments, request);
    add_queue_commands(app, arguments, request);
    add_store_commands(app, arguments, request);
    add_trace_command(app, arguments, request);
    add_other_commands(app, arguments, request);
    add_update_commands(app, update, arguments.json, local);
    add_backup_commands(app, backup, arguments.json, local);
    add_restore_command(app, backup, arguments.socket, arguments.json, local);
    add_machine_commands(app, arguments, request);
    add_certificate_commands(app, arguments.socket, arguments.json, local);
    add_app_password_commands(*app.get_subcommand("account"), arguments.socket, arguments.json,
                              local);
    add_machine_actions(app, arguments.socket, arguments.json, local);
    add_network_commands(app, arguments.socket, arguments.json, local);
    add_service_commands(app, arguments.socket, arguments.json, local);
    add_machine_settings(*app.get_subcommand("machine"), machine, arguments.json, local);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& stop) {  // help, version or wrong arguments
        return app.exit(stop) == 0 ? exit_done : exit_usage;
    }
    // Whatever it starts asks the same daemon.
    ::setenv("POSTERN_SOCKET", arguments.socket.c_str(), /*replace=*/1);
    if (local) return local();
    if (request.command.empty()) return run_console(arguments.socket, arguments.language);
    if (request.command == "machine") return show_machine(arguments.socket, arguments.json);
    if (request.command.starts_with("account ")) return run_on_file(request, arguments);
    if (request.command == "trace") return send_trace(request, arguments);
    return send(std::move(request), arguments);
}

}  // namespace
}  // namespace postern::app

int main(int argc, char** argv) {
    return postern::app::run(argc, argv);
}
