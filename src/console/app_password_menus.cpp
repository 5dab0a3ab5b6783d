// The app passwords of an account; see menus.hpp.
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Cells = std::vector<std::string>;

Table read_app_passwords(const Console& console, const std::string& response) {
    Table table;
    table.heading = {console.say(Text::name), console.say(Text::created)};
    const Json json = parse_json(response);
    for (const Json& each : member(json, "app_passwords")) {
        table.rows.push_back(
            {cell(each, "name"), format_time(std::int64_t(number_of(each, "created")))});
    }
    return table;
}

void show_app_password(Console& console, const Answer& answer) {
    console.pop();
    Reading reading;
    reading.title = Text::app_passwords;
    reading.text = std::string(console.say(Text::app_password_words)) + "\n\n    " +
                   cell(parse_json(answer.line), "password");
    console.push(make_reading(std::move(reading)));
}

void add_app_password(Console& console, const std::string& address) {
    FormDescription form;
    form.title = Text::app_passwords;
    form.of = address;
    form.fields = {make_field(Text::name, Text::app_password_help)};
    form.submit = [address](Console& c, Form& f, const Cells& values) {
        send_form(
            c, f,
            make_request("account.add-app-password", {{"address", address}, {"name", values[0]}}),
            show_app_password);
    };
    console.push(make_form(std::move(form)));
}

}  // namespace

void open_app_passwords(Console& console, const std::string& address) {
    List list;
    list.title = Text::app_passwords;
    list.of = address;
    list.request = make_request("account.list-app-passwords", {{"address", address}});
    list.read = read_app_passwords;
    list.when_empty = Text::no_app_passwords;
    list.actions = {{'a', Text::add, false,
                     [address](Console& c, const Cells&) { add_app_password(c, address); }},
                    {'d', Text::remove, true, [address](Console& c, const Cells& row) {
                         ask_first(c, Text::remove, Text::app_password_remove_words,
                                   {row[0], address},
                                   make_request("account.remove-app-password",
                                                {{"address", address}, {"name", row[0]}}));
                     }}};
    console.push(make_list(std::move(list)));
}

}  // namespace postern::console
