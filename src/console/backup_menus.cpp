// Backups: where they go, one made or verified now, restoring; see menus.hpp. What is long goes on
// in a process of its own while the menu shows how far it is, whoever leaves it.
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "console/backup_pages.hpp"
#include "console/cells.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Cells = std::vector<std::string>;

void change_backups(Console& console) {
    FormDescription form;
    form.title = Text::backup_change;
    form.introduction = Text::backup_change_words;
    form.fields = {
        make_field(Text::backup_target, Text::backup_target_help),
        make_field(Text::backup_passphrase, Text::backup_passphrase_help, FieldKind::password),
        make_field(Text::same_again, Text::backup_passphrase_help, FieldKind::password),
        make_field(Text::backup_time, Text::backup_time_help),
        make_field(Text::backup_sftp, Text::backup_sftp_help, FieldKind::password)};
    form.submit = [](Console& c, Form& f, const Cells& values) {
        if (values[1] != values[2]) {
            f.complain(c.say(Text::not_the_same));
            return;
        }
        Fields fields;
        const auto add = [&](const char* name, const std::string& value) {
            if (!value.empty()) fields.emplace_back(name, value);
        };
        add("target", values[0]);
        add("passphrase", values[1]);
        add("time", values[3]);
        add("sftp_password", values[4]);
        send_form(c, f, make_request("backup.set", fields));
    };
    console.push(make_form(std::move(form)));
}

// Begins at once: nothing is lost by it.
MenuEntry starting(Text label, const char* what) {
    MenuEntry entry{label, {}};
    entry.request = make_request("backup.start", {{"what", std::string(what)}});
    return entry;
}

// Shows what it would change, and begins after a yes; `below`: the screens to leave then.
void plan_restore(Console& console, Fields part, int below) {
    Confirmation asked;
    asked.title = Text::backup_restore;
    asked.plan_request = make_request("backup.plan", part);
    asked.plan = [](const Console& c, const Answer& answer) {
        RestoreWords words = format_restore_plan(answer.line, c.language());
        return PlannedWords{std::move(words.lines), words.is_possible};
    };
    part.insert(part.begin(), {"what", std::string("restore")});
    asked.request = make_request("backup.start", part);
    asked.screens_below = below;
    console.push(make_confirmation(std::move(asked)));
}

Fields number_of_backup(const Cells& row) {
    return {{"number", parse_decimal(row[0]).value_or(0)}};
}

void restore_everything(Console& console, const Cells& row) {
    plan_restore(console, number_of_backup(row), 1);
}

void restore_part(Console& console, const Cells& row) {
    FormDescription form;
    form.title = Text::backup_restore;
    form.of = row[0];
    form.introduction = Text::backup_part_words;
    form.fields = {make_field(Text::account, Text::address_help),
                   make_field(Text::backup_mailbox, Text::backup_mailbox_help),
                   make_field(Text::backup_uid, Text::backup_uid_help)};
    form.submit = [row](Console& c, Form& f, const Cells& values) {
        Fields fields = number_of_backup(row);
        const auto uid = parse_decimal32(values[2]);
        const bool is_wrong = !values[2].empty() && (!uid || values[1].empty());
        if (values[0].empty() || is_wrong) {
            f.complain(c.say(values[0].empty() ? Text::address_help : Text::backup_uid_help));
            return;
        }
        fields.emplace_back("account", values[0]);
        if (!values[1].empty()) fields.emplace_back("mailbox", values[1]);
        if (uid) fields.emplace_back("uid", std::uint64_t(*uid));
        plan_restore(c, std::move(fields), 2);
    };
    console.push(make_form(std::move(form)));
}

Table read_backup_list(const Console& console, const std::string& response) {
    Table table;
    table.heading = {"",
                     "UTC",
                     console.say(Text::host_name),
                     console.say(Text::mail),
                     console.say(Text::storage),
                     console.say(Text::backup_new)};
    const Json json = parse_json(response);
    const Json& backups = member(json, "backups");
    for (auto each = backups.rbegin(); each != backups.rend(); ++each) {
        const bool is_damaged = member(*each, "error").is_string();
        table.rows.push_back(
            {cell(*each, "number"), format_time(std::int64_t(number_of(*each, "created_s"))),
             is_damaged ? cell(*each, "error") : cell(*each, "host_name"), cell(*each, "messages"),
             format_size(number_of(*each, "bytes")), format_size(number_of(*each, "new_bytes"))});
    }
    return table;
}

void choose_backup(Console& console) {
    List list;
    list.title = Text::backup_restore;
    list.request = make_request("backup.list");
    list.read = read_backup_list;
    list.when_empty = Text::backup_none;
    list.actions = {{'e', Text::backup_everything, true, restore_everything},
                    {'p', Text::backup_part, true, restore_part}};
    console.push(make_list(std::move(list)));
}

}  // namespace

void open_backups(Console& console) {
    Menu menu;
    menu.title = Text::backups;
    menu.entries = {starting(Text::backup_now, "run"),
                    starting(Text::backup_verify_now, "verify"),
                    {Text::backup_restore, choose_backup},
                    {Text::backup_change, change_backups}};
    menu.request = make_request("backup.show");
    menu.read = [](const Console& c, const Answer& answer) {
        return format_backups(answer.line, c.language());
    };
    console.push(make_menu(std::move(menu)));
}

}  // namespace postern::console
