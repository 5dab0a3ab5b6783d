// The first set-up: language, on the appliance its name and time zone, domain, account, then the
// records to publish and what to enter in a mail client; see menus.hpp. It can be left at each
// step: what is done is done, and the status leads back to it until there is a domain. In place of
// all but the language a backup can be brought back.
#include <functional>
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/client_page.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Values = std::vector<std::string>;

const char* verdict_of(const Console& console, const std::string& state) {
    if (state == "good") return console.say(Text::record_good);
    if (state == "missing") return console.say(Text::record_missing);
    if (state == "differs") return console.say(Text::record_differs);
    return console.say(Text::record_unknown);
}

std::string format_records(const Console& console, const Answer& answer) {
    const Json json = parse_json(answer.line);
    std::string text = std::string(console.say(Text::records_words)) + "\n\n";
    for (const Json& each : member(json, "records")) {
        text += fit(verdict_of(console, text_of(each, "state")), 10) + " " + cell(each, "name") +
                "  " + cell(each, "type") + "  " + cell(each, "value") + "\n";
        const std::string found = cell(each, "found");
        if (text_of(each, "state") == "differs") {
            text += "           " + fill_in(console.say(Text::record_found), {found}) + "\n";
        }
        const std::string note = cell(each, "note");
        if (!note.empty()) text += "           " + note + "\n";
    }
    const std::string port = text_of(member(json, "port_25"), "state");
    const Text words = port == "open"     ? Text::port_25_open
                       : port == "closed" ? Text::port_25_closed
                                          : Text::port_25_unknown;
    return text + "\n" + console.say(words) + "\n";
}

// The domain is there: its first account.
void ask_account(Console& console, const std::string& domain) {
    FormDescription form;
    form.title = Text::set_up_account;
    form.introduction = Text::set_up_account_words;
    form.fields = {make_field(Text::address, Text::address_help), make_field(Text::name),
                   make_field(Text::new_password, Text::password_help, FieldKind::password),
                   make_field(Text::same_again, Text::nothing, FieldKind::password)};
    form.submit = [domain](Console& c, Form& f, const Values& values) {
        if (values[2] != values[3]) {
            f.complain(c.say(Text::not_the_same));
            return;
        }
        const std::string request =
            make_request("account.add", {{"address", values[0]},
                                         {"display_name", values[1]},
                                         {"password", values[2]},
                                         {"admin", true},
                                         {"language", std::string(code_of(c.language()))}});
        send_form(c, f, request, [domain, address = values[0]](Console& done, const Answer&) {
            done.log_out();
            open_main_menu(done);
            open_client_settings(done, address);
            open_dns_check(done, domain);
        });
    };
    console.push(make_form(std::move(form)));
}

void ask_domain(Console& console) {
    FormDescription form;
    form.title = Text::set_up_domain;
    form.introduction = Text::set_up_domain_words;
    form.fields = {make_field(Text::domain, Text::domain_help)};
    form.submit = [](Console& c, Form& f, const Values& values) {
        send_form(c, f, make_request("domain.add", {{"name", values[0]}, {"default", true}}),
                  [](Console& done, const Answer& answer) {
                      const Json json = parse_json(answer.line);
                      ask_account(done, text_of(member(json, "domain"), "name"));
                  });
    };
    console.push(make_form(std::move(form)));
}

// The name that the appliance has until it is given one says nothing.
std::string known_host_name(const Machine& machine) {
    return machine.host_name.contains('.') ? machine.host_name : std::string();
}

// `then`: what follows once it has been done.
void ask_machine(Console& console, Text introduction, std::function<void(Console&)> then) {
    FormDescription form;
    form.title = Text::name_and_zone;
    form.introduction = introduction;
    form.fields = {make_field(Text::host_name, Text::host_name_help),
                   make_field(Text::time_zone, Text::time_zone_help)};
    form.fields[0].value = known_host_name(console.machine());
    form.fields[1].value = console.machine().time_zone;
    form.submit = [then = std::move(then)](Console& c, Form& f, const Values& values) {
        if (values[0].empty()) {
            f.complain(c.say(Text::host_name_help));
            return;
        }
        const std::string request =
            make_request("machine.set", {{"host_name", values[0]}, {"time_zone", values[1]}});
        send_form(c, f, request, [then](Console& done, const Answer&) { then(done); });
    };
    console.push(make_form(std::move(form)));
}

}  // namespace

void open_machine_settings(Console& console) {
    ask_machine(console, Text::name_and_zone_words, [](Console& done) { done.pop(); });
}

void open_first_set_up(Console& console) {
    FormDescription form;
    form.title = Text::set_up;
    form.introduction = Text::set_up_words;
    FormField language = make_field(Text::language, Text::nothing, FieldKind::choice);
    language.choices = {"en", "pt", "ru"};
    language.value = code_of(console.language());
    FormField beginning =
        make_field(Text::set_up_begin, Text::set_up_begin_help, FieldKind::choice);
    const std::string backup = console.say(Text::set_up_backup);
    beginning.choices = {console.say(Text::set_up_new), backup};
    beginning.value = beginning.choices.front();
    form.fields = {std::move(language), std::move(beginning)};
    form.submit = [backup](Console& c, Form&, const Values& values) {
        c.set_language(language_of(values[0]).value_or(Language::en));
        if (values[1] == backup) {
            open_first_restore(c);
        } else if (c.machine().slot.empty()) {
            ask_domain(c);
        } else {
            ask_machine(c, Text::name_and_zone_first, ask_domain);
        }
    };
    console.push(make_form(std::move(form)));
}

void open_dns_check(Console& console, const std::string& domain) {
    Reading reading;
    reading.title = Text::dns_records;
    reading.of = domain;
    reading.request = make_request("dns-check", {{"domain", domain}});
    reading.read = format_records;
    console.push(make_reading(std::move(reading)));
}

void open_client_settings(Console& console, const std::string& address) {
    Reading reading;
    reading.title = Text::client_settings;
    reading.of = address;
    reading.request = make_request("client-settings", {{"address", address}});
    reading.read = [](const Console& c, const Answer& answer) {
        return format_client_page(read_client_page(answer.line), c.language());
    };
    console.push(make_reading(std::move(reading)));
}

}  // namespace postern::console
