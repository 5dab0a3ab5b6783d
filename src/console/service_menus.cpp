// Which ports are open, and whether logins without encryption are; see menus.hpp. What is changed
// counts from the next start of the gateway on, which the columns say.
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Cells = std::vector<std::string>;

constexpr const char* no_port = "-";  // of the row that is no port

Table read_services(const Console& console, const std::string& response) {
    const auto pick = [&](bool is, Text yes, Text no) {
        return std::string(console.say(is ? yes : no));
    };
    const auto port = [&](bool is) { return pick(is, Text::service_open, Text::service_closed); };
    const auto plain = [&](bool is) { return pick(is, Text::allowed, Text::refused); };
    Table table;
    table.heading = {console.say(Text::protocol), console.say(Text::address),
                     console.say(Text::port), console.say(Text::service_now),
                     console.say(Text::service_next)};
    const Json json = parse_json(response);
    for (const Json& each : member(json, "services")) {
        table.rows.push_back({cell(each, "protocol"), cell(each, "address"), cell(each, "port"),
                              port(flag_of(each, "open")), port(flag_of(each, "enabled"))});
    }
    if (!member(json, "services").is_array()) return table;
    table.rows.push_back({console.say(Text::plaintext_logins), no_port, no_port,
                          plain(flag_of(json, "plaintext_login")),
                          plain(flag_of(json, "plaintext_login_next"))});
    return table;
}

void turn_row(Console& console, const Cells& row) {
    if (row[1] == no_port) {
        const bool allow = row[4] != console.say(Text::allowed);
        ask_first(console, Text::plaintext_logins,
                  allow ? Text::plaintext_allow_words : Text::plaintext_refuse_words, {},
                  make_request("service.plaintext", {{"allowed", allow}}));
        return;
    }
    const bool opens = row[4] != console.say(Text::service_open);
    ask_first(console, Text::services, opens ? Text::open_words : Text::close_words,
              {row[0], row[2]},
              make_request("service.set", {{"protocol", row[0]},
                                           {"enabled", opens},
                                           {"port", std::uint64_t(std::stoull(row[2]))},
                                           {"address", row[1]}}));
}

void open_port(Console& console, const Cells&) {
    FormDescription form;
    form.title = Text::add_service;
    FormField protocol = make_field(Text::protocol, Text::nothing, FieldKind::choice);
    protocol.choices = {"smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s"};
    protocol.value = protocol.choices.front();
    form.fields = {std::move(protocol), make_field(Text::port, Text::port_help)};
    form.submit = [](Console& c, Form& f, const Cells& values) {
        Fields fields = {{"protocol", values[0]}, {"enabled", true}};
        const std::string& port = values[1];
        if (port.find_first_not_of("0123456789") != std::string::npos || port.size() > 5) {
            f.complain(c.say(Text::port_help));
            return;
        }
        if (!port.empty()) fields.emplace_back("port", std::uint64_t(std::stoull(port)));
        send_form(c, f, make_request("service.set", fields));
    };
    console.push(make_form(std::move(form)));
}

}  // namespace

void open_services(Console& console) {
    List list;
    list.title = Text::services;
    list.request = make_request("service.list");
    list.read = read_services;
    list.when_empty = Text::none;
    list.actions = {{'o', Text::turn, true, turn_row},
                    {'a', Text::add_service, false, open_port},
                    {'r', Text::restart, false, [](Console& c, const Cells&) {
                         ask_first(c, Text::restart, Text::restart_words, {},
                                   make_request("restart"));
                     }}};
    console.push(make_list(std::move(list)));
}

}  // namespace postern::console
