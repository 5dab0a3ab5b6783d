// Domains, accounts and aliases; see menus.hpp.
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Cells = std::vector<std::string>;

FormField language_field() {
    FormField made = make_field(Text::language, Text::language_help, FieldKind::choice);
    made.choices = {"en", "pt", "ru"};
    made.value = "en";
    return made;
}

// A form whose only answer goes into one field of a request about `name`.
void open_one_field(Console& console, Text title, FormField only, const std::string& name,
                    std::function<std::string(const std::string& value)> request) {
    FormDescription form;
    form.title = title;
    form.of = name;
    form.fields = {std::move(only)};
    form.submit = [request](Console& c, Form& f, const Cells& values) {
        send_form(c, f, request(values[0]));
    };
    console.push(make_form(std::move(form)));
}

std::string limit_of(const Json& quota) {
    std::string text;
    if (number_of(quota, "bytes_max") != 0) text = format_size(number_of(quota, "bytes_max"));
    if (number_of(quota, "messages_max") != 0) {
        text += (text.empty() ? "" : ", ") + std::to_string(number_of(quota, "messages_max"));
    }
    return text.empty() ? "-" : text;
}

// --- domains ------------------------------------------------------------------------------------

Table read_domains(const Console& console, const std::string& response) {
    Table table;
    table.heading = {console.say(Text::domain),  console.say(Text::accounts),
                     console.say(Text::aliases), console.say(Text::is_default),
                     console.say(Text::quota),   console.say(Text::pop3_days)};
    const Json json = parse_json(response);
    for (const Json& each : member(json, "domains")) {
        table.rows.push_back({cell(each, "name"), cell(each, "accounts"), cell(each, "aliases"),
                              flag_of(each, "default") ? "*" : "", limit_of(member(each, "quota")),
                              cell(each, "pop3_retention_days")});
    }
    return table;
}

void add_domain(Console& console, const Cells&) {
    FormDescription form;
    form.title = Text::add_domain;
    form.fields = {make_field(Text::domain, Text::domain_help)};
    form.submit = [](Console& c, Form& f, const Cells& values) {
        send_form(c, f, make_request("domain.add", {{"name", values[0]}}));
    };
    console.push(make_form(std::move(form)));
}

// --- accounts -----------------------------------------------------------------------------------

std::string share(std::uint64_t used, std::uint64_t most, std::string (*show)(std::uint64_t)) {
    return most == 0 ? show(used) : show(used) + " / " + show(most);
}

Table read_accounts(const Console& console, const std::string& response) {
    Table table;
    table.heading = {console.say(Text::address), console.say(Text::name),
                     console.say(Text::storage), console.say(Text::pop3_days),
                     console.say(Text::state)};
    const Json json = parse_json(response);
    for (const Json& each : member(json, "accounts")) {
        const Json& usage = member(each, "usage");
        std::string state = flag_of(each, "disabled") ? console.say(Text::disabled) : "";
        if (flag_of(each, "admin")) state += (state.empty() ? "" : ", ") + std::string("admin");
        table.rows.push_back({cell(each, "address"), cell(each, "display_name"),
                              share(number_of(usage, "bytes"),
                                    number_of(member(each, "quota"), "bytes_max"), format_size),
                              cell(each, "pop3_retention_days"), state});
    }
    return table;
}

bool is_number_of_days(const std::string& text) {
    return !text.empty() && text.size() <= 6 &&
           text.find_first_not_of("0123456789") == std::string::npos;
}

FormField login_field(const Console& console) {
    FormField made = make_field(Text::login_allowed, Text::login_allowed_help, FieldKind::choice);
    made.choices = {console.say(Text::yes), console.say(Text::no)};
    made.value = made.choices.front();
    return made;
}

void add_account(Console& console, const Cells&) {
    FormDescription form;
    form.title = Text::add_account;
    form.fields = {make_field(Text::address, Text::address_help),
                   make_field(Text::name),
                   make_field(Text::new_password, Text::password_help, FieldKind::password),
                   make_field(Text::same_again, Text::nothing, FieldKind::password),
                   language_field(),
                   make_field(Text::quota, Text::quota_new_help),
                   make_field(Text::pop3_days, Text::days_new_help),
                   login_field(console)};
    form.submit = [](Console& c, Form& f, const Cells& values) {
        if (values[2] != values[3]) {
            f.complain(c.say(Text::not_the_same));
            return;
        }
        Fields fields = {{"address", values[0]},
                         {"display_name", values[1]},
                         {"password", values[2]},
                         {"language", values[4]}};
        if (!values[5].empty()) fields.emplace_back("storage", values[5]);
        if (!values[6].empty() && !is_number_of_days(values[6])) {
            f.complain(c.say(Text::days_new_help));
            return;
        }
        if (!values[6].empty()) fields.emplace_back("days", std::uint64_t(std::stoull(values[6])));
        if (values[7] == c.say(Text::no)) fields.emplace_back("disabled", true);
        send_form(c, f, make_request("account.add", fields));
    };
    console.push(make_form(std::move(form)));
}

void set_password(Console& console, const Cells& row) {
    FormDescription form;
    form.title = Text::new_password;
    form.of = row[0];
    form.fields = {make_field(Text::new_password, Text::password_help, FieldKind::password),
                   make_field(Text::same_again, Text::nothing, FieldKind::password)};
    form.submit = [address = row[0]](Console& c, Form& f, const Cells& values) {
        if (values[0] != values[1]) {
            f.complain(c.say(Text::not_the_same));
            return;
        }
        send_form(c, f,
                  make_request("account.passwd", {{"address", address}, {"password", values[0]}}));
    };
    console.push(make_form(std::move(form)));
}

void set_quota(Console& console, const Cells& row) {
    open_one_field(console, Text::quota, make_field(Text::storage, Text::quota_help), row[0],
                   [address = row[0]](const std::string& value) {
                       return make_request("account.set-quota",
                                           {{"address", address}, {"storage", value}});
                   });
}

// Empty: for ever; "domain": as its domain has it.
void set_retention(Console& console, const Cells& row) {
    FormDescription form;
    form.title = Text::retention;
    form.of = row[0];
    form.fields = {make_field(Text::pop3_days, Text::retention_help)};
    form.submit = [address = row[0]](Console& c, Form& f, const Cells& values) {
        Fields fields = {{"address", address}};
        const std::string& days = values[0];
        if (days == "domain") {
            fields.emplace_back("as_domain", true);
        } else if (is_number_of_days(days)) {
            fields.emplace_back("days", std::uint64_t(std::stoull(days)));
        } else if (!days.empty()) {
            f.complain(c.say(Text::retention_help));
            return;
        }
        send_form(c, f, make_request("account.set-retention", fields));
    };
    console.push(make_form(std::move(form)));
}

void switch_account(Console& console, const Cells& row) {
    const bool is_disabled = row[4].starts_with(console.say(Text::disabled));
    ask_first(
        console, is_disabled ? Text::enable : Text::disable,
        is_disabled ? Text::enable_words : Text::disable_words, {row[0]},
        make_request(is_disabled ? "account.enable" : "account.disable", {{"address", row[0]}}));
}

void remove_account(Console& console, const Cells& row) {
    ask_first(console, Text::remove, Text::remove_account_words, {row[0]},
              make_request("account.remove", {{"address", row[0]}}));
}

// What can be done with one account.
void open_account(Console& console, const Cells& row) {
    Menu menu;
    menu.title = Text::account;
    const auto with = [row](void (*run)(Console&, const Cells&)) {
        return [row, run](Console& c) {
            c.pop();
            run(c, row);
        };
    };
    menu.entries = {{Text::new_password, with(set_password)},
                    {Text::enable_or_disable, with(switch_account)},
                    {Text::quota, with(set_quota)},
                    {Text::retention, with(set_retention)},
                    {Text::app_passwords,
                     with([](Console& c, const Cells& of) { open_app_passwords(c, of[0]); })},
                    {Text::client_settings,
                     with([](Console& c, const Cells& of) { open_client_settings(c, of[0]); })},
                    {Text::remove, with(remove_account)}};
    console.push(make_menu(std::move(menu)));
}

// --- aliases ------------------------------------------------------------------------------------

Table read_aliases(const Console& console, const std::string& response) {
    Table table;
    table.heading = {console.say(Text::address), console.say(Text::leads_to)};
    const Json json = parse_json(response);
    for (const Json& each : member(json, "aliases")) {
        table.rows.push_back({cell(each, "address"), cell(each, "targets")});
    }
    return table;
}

void add_alias(Console& console, const Cells&) {
    FormDescription form;
    form.title = Text::add_alias;
    form.fields = {make_field(Text::address, Text::address_help),
                   make_field(Text::leads_to, Text::targets_help)};
    form.submit = [](Console& c, Form& f, const Cells& values) {
        send_form(c, f,
                  make_request("alias.add",
                               {{"address", values[0]}, {"targets", split_words(values[1])}}));
    };
    console.push(make_form(std::move(form)));
}

}  // namespace

void open_domains(Console& console) {
    List list;
    list.title = Text::domains;
    list.request = make_request("domain.list");
    list.read = read_domains;
    list.when_empty = Text::no_domains;
    list.actions = {{'c', Text::dns_records, true,
                     [](Console& c, const Cells& row) { open_dns_check(c, row[0]); }},
                    {'a', Text::add, false, add_domain},
                    {'d', Text::remove, true, [](Console& c, const Cells& row) {
                         ask_first(c, Text::remove, Text::remove_domain_words, {row[0]},
                                   make_request("domain.remove", {{"name", row[0]}}));
                     }}};
    console.push(make_list(std::move(list)));
}

void open_accounts(Console& console) {
    List list;
    list.title = Text::accounts;
    list.request = make_request("account.list", {{"usage", true}});
    list.read = read_accounts;
    list.when_empty = Text::no_accounts;
    list.actions = {{'o', Text::change, true, open_account},
                    {'a', Text::add, false, add_account},
                    {'p', Text::password, true, set_password},
                    {'d', Text::remove, true, remove_account}};
    console.push(make_list(std::move(list)));
}

void open_aliases(Console& console) {
    List list;
    list.title = Text::aliases;
    list.request = make_request("alias.list");
    list.read = read_aliases;
    list.when_empty = Text::no_aliases;
    list.actions = {{'a', Text::add, false, add_alias},
                    {'d', Text::remove, true, [](Console& c, const Cells& row) {
                         ask_first(c, Text::remove, Text::remove_alias_words, {row[0], row[1]},
                                   make_request("alias.remove", {{"address", row[0]}}));
                     }}};
    console.push(make_list(std::move(list)));
}

}  // namespace postern::console
