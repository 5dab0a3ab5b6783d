// Tables and sentences of the postern command; see postern_output.hpp.
#include "app/postern_output.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "console/cells.hpp"

namespace postern::app {
namespace {

using console::cell;
using console::format_size;
using console::Json;
using console::member;
using Rows = std::vector<std::vector<std::string>>;

struct Column {
    const char* heading;
    const char* name;
};

template <std::size_t n>
std::string format_list(const Json& list, const std::array<Column, n>& columns,
                        std::string_view when_empty) {
    if (!list.is_array() || list.empty()) return std::string(when_empty) + "\n";
    Rows rows(1);
    for (const Column& column : columns) rows[0].emplace_back(column.heading);
    for (const Json& item : list) {
        auto& row = rows.emplace_back();
        for (const Column& column : columns) row.push_back(cell(item, column.name));
    }
    return format_table(rows);
}

constexpr std::array<Column, 2> alias_columns = {{{"ALIAS", "address"}, {"LEADS TO", "targets"}}};
constexpr std::array<Column, 5> setting_columns = {{{"PROTOCOL", "protocol"},
                                                    {"SERVER", "server"},
                                                    {"PORT", "port"},
                                                    {"SECURITY", "security"},
                                                    {"USER NAME", "user_name"}}};
constexpr std::array<Column, 3> listener_columns = {
    {{"PROTOCOL", "protocol"}, {"ADDRESS", "address"}, {"PORT", "port"}}};

// Unix seconds; nothing for 0.
std::string format_time(const Json& value) {
    return value.is_number_integer() ? console::format_time(value.get<std::int64_t>())
                                     : std::string();
}

std::string pending_of(const Json& entry) {
    std::string out;
    const Json& recipients = member(entry, "recipients");
    if (!recipients.is_array()) return out;
    std::size_t more = 0;
    for (const Json& recipient : recipients) {
        if (cell(recipient, "state") != "pending") continue;
        if (out.empty()) {
            out = cell(recipient, "address");
        } else {
            ++more;
        }
    }
    return more == 0 ? out : out + " +" + std::to_string(more);
}

// What stands in the way: why it is held, or what was last heard.
std::string reason_of(const Json& entry) {
    std::string reason = cell(entry, "reason");
    const Json& recipients = member(entry, "recipients");
    if (!recipients.is_array()) return reason;
    for (const Json& recipient : recipients) {
        if (!reason.empty()) return reason;
        if (cell(recipient, "state") != "pending") continue;
        reason = cell(recipient, "reply");
        if (reason.empty()) reason = cell(recipient, "text");
    }
    return reason.empty() ? cell(entry, "problem") : reason;
}

std::string format_queue(const Json& response) {
    const Json& entries = member(response, "entries");
    if (!entries.is_array() || entries.empty()) return "nothing\n";
    Rows rows = {{"ID", "STATE", "SIZE", "ARRIVED (UTC)", "NEXT", "TRIES", "FROM", "TO", "WHY"}};
    for (const Json& entry : entries) {
        const std::string from = cell(entry, "from");
        rows.push_back({cell(entry, "id"), cell(entry, "state"), cell(entry, "size"),
                        format_time(member(entry, "arrived")), format_time(member(entry, "next")),
                        cell(entry, "attempts"), from.empty() ? "<>" : from, pending_of(entry),
                        reason_of(entry)});
    }
    return format_table(rows);
}

constexpr std::array<Column, 5> recipient_columns = {{{"RECIPIENT", "address"},
                                                      {"STATE", "state"},
                                                      {"STATUS", "status"},
                                                      {"HOST", "host"},
                                                      {"REPLY", "reply"}}};
constexpr std::array<Column, 6> destination_columns = {{{"DESTINATION", "destination"},
                                                        {"ENTRIES", "entries"},
                                                        {"ACTIVE", "active"},
                                                        {"LIMIT", "limit"},
                                                        {"SUSPENDED", "suspended"},
                                                        {"PROBLEM", "problem"}}};

std::string format_queue_entries(const Json& response) {
    const Json& entries = member(response, "entries");
    if (!entries.is_array() || entries.empty()) return "no such entry\n";
    std::string out;
    for (const Json& entry : entries) {
        const std::string from = cell(entry, "from");
        const Rows rows = {{"id", cell(entry, "id")},
                           {"message", cell(entry, "message_id")},
                           {"state", cell(entry, "state") + " " + cell(entry, "reason")},
                           {"from", from.empty() ? "<>" : from},
                           {"account", cell(entry, "account")},
                           {"destination", cell(entry, "destination")},
                           {"size", cell(entry, "size")},
                           {"arrived (UTC)", format_time(member(entry, "arrived"))},
                           {"next", format_time(member(entry, "next"))},
                           {"tries", cell(entry, "attempts")},
                           {"problem", cell(entry, "problem")}};
        out += format_table(rows) + "\n" +
               format_list(member(entry, "recipients"), recipient_columns, "no recipients") + "\n";
    }
    return out;
}

std::string format_destinations(const Json& response) {
    return format_list(member(response, "destinations"), destination_columns, "nothing");
}

std::string format_matched(const Json& response) {
    std::string out = cell(response, "matched") + " done";
    const std::string failed = cell(response, "failed");
    if (failed != "0") out += ", " + failed + " failed";
    return out + "\n";
}

// What is there, and what of; either may be unknown or without limit.
std::string format_share(const Json& usage, const char* used, const Json& quota, const char* most) {
    const auto number = [](const Json& value) {
        return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
    };
    const bool in_bytes = std::string_view(used) == "bytes";
    const auto show = [&](std::uint64_t value) {
        return in_bytes ? format_size(value) : std::to_string(value);
    };
    const std::string is = usage.is_object() ? show(number(member(usage, used))) : "?";
    const std::uint64_t limit = number(member(quota, most));
    return limit == 0 ? is : is + " of " + show(limit);
}

// "10.0G", "500 messages", or both; "-": no limit.
std::string format_quota(const Json& quota) {
    const auto number = [&](const char* name) {
        const Json& value = member(quota, name);
        return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
    };
    std::string out;
    if (number("bytes_max") != 0) out = format_size(number("bytes_max"));
    if (number("messages_max") != 0) {
        out += (out.empty() ? "" : ", ") + std::to_string(number("messages_max")) + " messages";
    }
    return out.empty() ? "-" : out;
}

std::string format_domains(const Json& response) {
    const Json& domains = member(response, "domains");
    if (!domains.is_array() || domains.empty()) return "no domains yet: postern domain add NAME\n";
    Rows rows = {{"DOMAIN", "NAME", "ACCOUNTS", "ALIASES", "DEFAULT", "EACH HOLDS", "ALL HOLD",
                  "POP3 DAYS"}};
    for (const Json& domain : domains) {
        rows.push_back({cell(domain, "display_name"), cell(domain, "name"),
                        cell(domain, "accounts"), cell(domain, "aliases"), cell(domain, "default"),
                        format_quota(member(domain, "quota")),
                        format_quota(member(domain, "total_quota")),
                        cell(domain, "pop3_retention_days")});
    }
    return format_table(rows);
}

std::string format_accounts(const Json& response) {
    const Json& accounts = member(response, "accounts");
    if (!accounts.is_array() || accounts.empty()) {
        return "no accounts yet: postern account add ADDRESS\n";
    }
    Rows rows = {
        {"ADDRESS", "NAME", "ADMIN", "DISABLED", "LANGUAGE", "STORAGE", "MESSAGES", "POP3 DAYS"}};
    for (const Json& account : accounts) {
        const Json& usage = member(account, "usage");
        const Json& quota = member(account, "quota");
        rows.push_back({cell(account, "address"), cell(account, "display_name"),
                        cell(account, "admin"), cell(account, "disabled"),
                        cell(account, "language"), format_share(usage, "bytes", quota, "bytes_max"),
                        format_share(usage, "messages", quota, "messages_max"),
                        cell(account, "pop3_retention_days")});
    }
    return format_table(rows);
}

std::string format_aliases(const Json& response) {
    return format_list(member(response, "aliases"), alias_columns, "no aliases");
}

std::string format_settings(const Json& response) {
    return format_list(member(response, "settings"), setting_columns,
                       "no port for mail clients is open");
}

std::string format_removed_account(const Json& response) {
    std::string out =
        "removed; its mail stays in " + cell(response, "home") + " of the data directory\n";
    const std::string aliases = cell(response, "shrunk_aliases");
    if (!aliases.empty()) out += "no longer led to by " + aliases + "\n";
    return out;
}

std::string format_status(const Json& response) {
    Rows rows = {{"version", cell(response, "version")},
                 {"host name", cell(response, "host_name")},
                 {"up for", cell(response, "uptime_s") + " s"},
                 {"shards", cell(response, "shards")},
                 {"connections", cell(response, "connections")}};
    const Json& counters = member(response, "counters");
    if (counters.is_object()) {
        for (const auto& [name, value] : counters.items()) {
            rows.push_back({escape_for_log(name), value.dump()});
        }
    }
    return format_table(rows) + "\n" +
           format_list(member(response, "listeners"), listener_columns, "no port is open");
}

std::string format_added_domain(const Json& response) {
    return "added " + cell(member(response, "domain"), "name") + "\n";
}

std::string format_added_account(const Json& response) {
    return "added " + cell(member(response, "account"), "address") + "\n";
}

std::string format_added_alias(const Json& response) {
    const Json& alias = member(response, "alias");
    return cell(alias, "address") + " leads to " + cell(alias, "targets") + "\n";
}

std::string format_store_check(const Json& response) {
    std::string out;
    const Json& problems = member(response, "problems");
    if (problems.is_array()) {
        for (const Json& problem : problems) {
            if (problem.is_string()) out += escape_for_log(problem.get<std::string>()) + "\n";
        }
    }
    if (out.empty()) out = "all is well\n";
    return out;
}

std::string format_undelete(const Json& response) {
    return cell(response, "restored") + " messages are back\n";
}

std::string format_usage(const Json& response) {
    const auto limit = [&](const char* name) {
        const std::string most = cell(response, name);
        return most == "0" ? std::string("no limit") : "of " + most;
    };
    return format_table({{"bytes", cell(response, "bytes"), limit("bytes_max")},
                         {"messages", cell(response, "messages"), limit("messages_max")}});
}

std::string format_log(const Json& response) {
    std::string out;
    for (const Json& line : member(response, "lines")) {
        if (line.is_string()) out += console::shown_line(line.get<std::string>()) + "\n";
    }
    return out;
}

constexpr std::array<Column, 6> record_columns = {{{"STATE", "state"},
                                                   {"NAME", "name"},
                                                   {"TYPE", "type"},
                                                   {"TO PUBLISH", "value"},
                                                   {"FOUND", "found"},
                                                   {"NOTE", "note"}}};

std::string format_dns_check(const Json& response) {
    const Json& port = member(response, "port_25");
    std::string out = format_list(member(response, "records"), record_columns, "nothing") +
                      "\nport 25 to the outside: " + cell(port, "state");
    if (!cell(port, "server").empty()) out += " (" + cell(port, "server") + ")";
    return out + "\n";
}

std::string format_service_list(const Json& response) {
    const auto is = [&](const Json& object, const char* name, const char* yes, const char* no) {
        return std::string(console::flag_of(object, name) ? yes : no);
    };
    Rows rows = {{"PROTOCOL", "ADDRESS", "PORT", "NOW", "AFTER RESTART"}};
    for (const Json& each : member(response, "services")) {
        rows.push_back({cell(each, "protocol"), cell(each, "address"), cell(each, "port"),
                        is(each, "open", "open", "closed"), is(each, "enabled", "open", "closed")});
    }
    std::string out = format_table(rows) + "\nlogins without encryption: " +
                      is(response, "plaintext_login", "allowed", "refused");
    const std::string next = is(response, "plaintext_login_next", "allowed", "refused");
    if (!out.ends_with(next)) out += ", after restart " + next;
    out += "\n";
    if (console::flag_of(response, "needs_restart")) {
        out += "The gateway must be started again for this to take effect: postern restart\n";
    }
    return out;
}

struct Formatter {
    std::string_view command;
    std::string (*format)(const Json& response);
};
constexpr std::array<Formatter, 23> formatters = {{{"store.check", format_store_check},
                                                   {"service.list", format_service_list},
                                                   {"log.tail", format_log},
                                                   {"dns-check", format_dns_check},
                                                   {"undelete", format_undelete},
                                                   {"account.usage", format_usage},
                                                   {"domain.add", format_added_domain},
                                                   {"domain.list", format_domains},
                                                   {"account.add", format_added_account},
                                                   {"account.list", format_accounts},
                                                   {"account.remove", format_removed_account},
                                                   {"alias.add", format_added_alias},
                                                   {"alias.list", format_aliases},
                                                   {"status", format_status},
                                                   {"queue.list", format_queue},
                                                   {"queue.show", format_queue_entries},
                                                   {"queue.destinations", format_destinations},
                                                   {"queue.hold", format_matched},
                                                   {"queue.release", format_matched},
                                                   {"queue.retry", format_matched},
                                                   {"queue.delete", format_matched},
                                                   {"queue.bounce", format_matched},
                                                   {"client-settings", format_settings}}};

// Columns on the screen, near enough: characters, not bytes.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string format_table(const Rows& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string format_response(std::string_view command, std::string_view response) {
    const Json parsed = Json::parse(response, nullptr, /*allow_exceptions=*/false);
    const auto* found = std::ranges::find(formatters, command, &Formatter::command);
    return found == formatters.end() ? "done\n" : found->format(parsed);
}

Verdict read_verdict(std::string_view response) {
    const Json parsed = Json::parse(response, nullptr, /*allow_exceptions=*/false);
    const Json& ok = member(parsed, "ok");
    if (!ok.is_boolean()) return {false, "the daemon's answer makes no sense"};
    if (ok.get<bool>()) return {true, {}};
    const Json& error = member(parsed, "error");
    return {false, error.is_string() ? escape_for_log(error.get<std::string>(), 1024)
                                     : "the daemon refused without saying why"};
}

}  // namespace postern::app
