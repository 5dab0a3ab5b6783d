// The machine that the gateway runs on; see menus.hpp.
#include <string>
#include <utility>

#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {

void open_machine(Console& console) {
    Menu menu;
    menu.title = Text::machine;
    menu.entries = {{Text::certificates, open_certificates},
                    {Text::network, open_network},
                    {Text::admin_password, open_new_password}};
    if (!console.machine().slot.empty()) {
        menu.entries.push_back({Text::name_and_zone, open_machine_settings});
    }
    console.push(make_menu(std::move(menu)));
}

}  // namespace postern::console
