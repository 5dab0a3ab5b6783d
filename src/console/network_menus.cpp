// The appliance's network; see menus.hpp. What is changed is in force at once, and stays only after
// a yes: whoever has cut the wire by it gets the old settings back without doing anything.
#include <string>
#include <utility>

#include "console/machine_pages.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Values = std::vector<std::string>;

void show_network(Console& console) {
    Reading reading;
    reading.title = Text::network;
    reading.request = make_request("network.show");
    reading.read = [](const Console& c, const Answer& answer) {
        return format_network(answer.line, c.language());
    };
    console.push(make_reading(std::move(reading)));
}

void ask_to_keep(Console& console) {
    Confirmation keep;
    keep.title = Text::network;
    keep.words = {console.say(Text::network_keep_words)};
    keep.request = make_request("network.confirm");
    keep.request_on_no = make_request("network.revert");
    console.push(make_confirmation(std::move(keep)));
}

// An empty field: stays as it is.
void change_network(Console& console) {
    FormDescription form;
    form.title = Text::network_change;
    form.introduction = Text::network_change_words;
    form.fields = {make_field(Text::network_address, Text::network_address_help),
                   make_field(Text::network_gateway, Text::network_gateway_help),
                   make_field(Text::network_address6, Text::network_address6_help),
                   make_field(Text::network_gateway6, Text::network_gateway_help),
                   make_field(Text::network_name_servers, Text::network_name_servers_help)};
    form.submit = [](Console& c, Form& f, const Values& values) {
        constexpr const char* keys[] = {"address", "gateway", "address6", "gateway6",
                                        "name_servers"};
        Fields fields;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!values[i].empty()) fields.emplace_back(keys[i], values[i]);
        }
        send_form(c, f, make_request("network.set", fields), [](Console& done, const Answer&) {
            done.pop();
            ask_to_keep(done);
        });
    };
    console.push(make_form(std::move(form)));
}

}  // namespace

void open_network(Console& console) {
    Menu menu;
    menu.title = Text::network;
    menu.entries = {{Text::show, show_network},
                    {Text::network_change, change_network},
                    {Text::network_keep, ask_to_keep}};
    console.push(make_menu(std::move(menu)));
}

}  // namespace postern::console
