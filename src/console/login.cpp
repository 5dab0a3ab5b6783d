// The login, and the menu behind it; see menus.hpp. The daemon verifies the password
// (admin.check-password); here every failure in a row adds to the pause.
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

void go_in(Console& console) {
    if (console.status().domains != 0) {
        open_main_menu(console);
    } else if (console.backups().is_restoring) {
        open_restore_progress(console);
    } else {
        open_first_set_up(console);
    }
}

// At first use, and from the menu.
void ask_new_password(Console& console, bool is_first) {
    FormDescription form;
    form.title = Text::admin_password;
    form.introduction = is_first ? Text::admin_password_first : Text::admin_password_change;
    form.fields = {make_field(Text::new_password, Text::password_help, FieldKind::password),
                   make_field(Text::same_again, Text::nothing, FieldKind::password)};
    form.submit = [is_first](Console& c, Form& f, const std::vector<std::string>& values) {
        if (values[0] != values[1]) {
            f.complain(c.say(Text::not_the_same));
            return;
        }
        send_form(c, f, make_request("admin.set-password", {{"password", values[0]}}),
                  [is_first](Console& done, const Answer&) {
                      done.pop();
                      if (is_first) go_in(done);
                  });
    };
    console.push(make_form(std::move(form)));
}

void open_log(Console& console) {
    Reading reading;
    reading.title = Text::live_log;
    reading.request = make_request("log.tail");
    reading.read = [](const Console&, const Answer& answer) {
        std::string text;
        const Json json = parse_json(answer.line);
        for (const Json& line : member(json, "lines")) {
            if (line.is_string()) text += shown_line(line.get<std::string>()) + "\n";
        }
        return text;
    };
    reading.refreshes = reading.has_filter = true;
    console.push(make_reading(std::move(reading)));
}

}  // namespace

void open_new_password(Console& console) {
    ask_new_password(console, false);
}

void open_main_menu(Console& console) {
    Menu menu;
    menu.title = Text::main_menu;
    menu.leave = Text::key_log_out;
    menu.entries = {{Text::domains, open_domains}, {Text::accounts, open_accounts},
                    {Text::aliases, open_aliases}, {Text::queue, open_queue},
                    {Text::trace, open_trace},     {Text::services, open_services},
                    {Text::live_log, open_log},    {Text::machine, open_machine},
                    {Text::backups, open_backups}};
    console.push(make_menu(std::move(menu)));
}

void open_login(Console& console) {
    if (!console.status().has_admin_password) {
        ask_new_password(console, true);
        return;
    }
    FormDescription form;
    form.title = Text::log_in;
    form.fields = {make_field(Text::admin_password, Text::nothing, FieldKind::password)};
    form.submit = [](Console& c, Form& f, const std::vector<std::string>& values) {
        if (c.login_pause_s() > 0) {
            f.complain(fill_in(c.say(Text::login_pause), {std::to_string(c.login_pause_s())}));
            return;
        }
        c.ask(f, make_request("admin.check-password", {{"password", values[0]}}),
              [&c, &f](const Answer& answer) {
                  if (answer.reached) c.note_login(answer.ok);
                  if (!answer.ok) {
                      f.complain(answer.error);
                      return;
                  }
                  c.pop();
                  go_in(c);
              });
    };
    console.push(make_form(std::move(form)));
}

}  // namespace postern::console
