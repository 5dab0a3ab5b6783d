// The machine that the gateway runs on; see menus.hpp.
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

void write_bundle(Console& console) {
    FormDescription form;
    form.title = Text::support_bundle;
    form.introduction = Text::support_bundle_words;
    form.fields = {make_field(Text::file, Text::support_file_help)};
    form.fields.front().value = "usb:";
    form.submit = [](Console& c, Form& f, const std::vector<std::string>& values) {
        send_form(c, f, make_request("support-bundle", {{"file", values[0]}}),
                  [](Console& done, const Answer& answer) {
                      done.pop();
                      Reading reading;
                      reading.title = Text::support_bundle;
                      const std::string file = cell(parse_json(answer.line), "file");
                      reading.text = fill_in(done.say(Text::written_to), {file});
                      done.push(make_reading(std::move(reading)));
                  });
    };
    console.push(make_form(std::move(form)));
}

// An empty field: none.
void ask_log_servers(Console& console) {
    FormDescription form;
    form.title = Text::log_servers;
    form.introduction = Text::log_servers_words;
    form.fields = {make_field(Text::log_servers_label, Text::log_servers_help)};
    form.fields.front().value = console.machine().log_servers;
    form.submit = [](Console& c, Form& f, const std::vector<std::string>& values) {
        const std::string servers = values[0].empty() ? "none" : values[0];
        send_form(c, f, make_request("machine.set", {{"log_servers", servers}}),
                  [](Console& done, const Answer&) { done.pop(); });
    };
    console.push(make_form(std::move(form)));
}

// Says what it means, and does it after a yes.
MenuEntry after_a_yes(Text label, Text words, const char* command) {
    return {label,
            [=](Console& console) { ask_first(console, label, words, {}, make_request(command)); }};
}

}  // namespace

void open_machine(Console& console) {
    Menu menu;
    menu.title = Text::machine;
    menu.entries = {{Text::certificates, open_certificates},
                    {Text::network, open_network},
                    {Text::admin_password, open_new_password}};
    if (!console.machine().slot.empty()) {
        menu.entries.push_back({Text::name_and_zone, open_machine_settings});
        menu.entries.push_back({Text::log_servers, ask_log_servers});
    }
    menu.entries.insert(
        menu.entries.end(),
        {{Text::support_bundle, write_bundle},
         after_a_yes(Text::reboot, Text::reboot_words, "machine.reboot"),
         after_a_yes(Text::power_off, Text::power_off_words, "machine.power-off"),
         after_a_yes(Text::factory_reset, Text::factory_reset_words, "machine.factory-reset")});
    console.push(make_menu(std::move(menu)));
}

}  // namespace postern::console
