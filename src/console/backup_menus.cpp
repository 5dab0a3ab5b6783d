// Backups: where they go, one made or verified now, restoring; see menus.hpp. What is long goes on
// in a process of its own while the menu shows how far it is, whoever leaves it.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

// Shows what it would change, and begins after a yes.
Confirmation planned_restore(Fields part) {
    Confirmation asked;
    asked.title = Text::backup_restore;
    asked.plan_request = make_request("backup.plan", part);
    asked.plan = [](const Console& c, const Answer& answer) {
        RestoreWords words = format_restore_plan(answer.line, c.language());
        return PlannedWords{std::move(words.lines), words.is_possible};
    };
    part.insert(part.begin(), {"what", std::string("restore")});
    asked.request = make_request("backup.start", part);
    return asked;
}

// `below`: the screens to leave after a yes.
void plan_restore(Console& console, Fields part, int below) {
    Confirmation asked = planned_restore(std::move(part));
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

// --- choosing a part: the account, the mailbox, the message

// What a row stands for, by what it shows: that is escaped.
using ShownNames = std::shared_ptr<std::map<std::string, std::string>>;
std::string meant_by(const ShownNames& names, const Cells& row) {
    const auto found = names->find(row[0]);
    return found == names->end() ? row[0] : found->second;
}
Fields with(Fields fields, const char* name, Value value) {
    fields.emplace_back(name, std::move(value));
    return fields;
}

Table read_message_list(const Console& console, const std::string& response) {
    Table table;
    table.heading = {"UID",
                     "UTC",
                     console.say(Text::backup_here),
                     console.say(Text::storage),
                     console.say(Text::from),
                     console.say(Text::backup_subject)};
    const Json json = parse_json(response);
    for (const Json& each : member(json, "messages")) {
        table.rows.push_back(
            {cell(each, "uid"), format_time(std::int64_t(number_of(each, "arrived_s"))),
             flag_of(each, "there") ? "*" : "", format_size(number_of(each, "bytes")),
             cell(each, "from"), cell(each, "subject")});
    }
    return table;
}

// `pages`: how many lists of this mailbox lie above one another.
void choose_message(Console& console, Fields part, std::uint64_t before_uid, int pages) {
    List list;
    list.title = Text::backup_restore;
    list.of = std::get<std::string>(part.back().second);  // the mailbox
    list.of = escape_for_log(list.of);
    list.request = make_request("backup.messages",
                                before_uid == 0 ? part : with(part, "before", Value(before_uid)));
    list.read = read_message_list;
    list.when_empty = Text::none;
    const auto uid_of = [](const Cells& row) { return parse_decimal(row[0]).value_or(0); };
    list.actions = {
        {'r', Text::backup_restore, true,
         [part, uid_of, pages](Console& c, const Cells& row) {
             plan_restore(c, with(part, "uid", Value(std::uint64_t(uid_of(row)))), pages + 3);
         }},
        {'o', Text::backup_older, true, [part, uid_of, pages](Console& c, const Cells& row) {
             choose_message(c, part, uid_of(row), pages + 1);
         }}};
    console.push(make_list(std::move(list)));
}

void choose_latest_message(Console& console, Fields part) {
    choose_message(console, std::move(part), 0, 1);
}

// A list of parts of a backup, each to be looked into or restored whole.
struct PartList {
    std::string of;     // behind the title
    Fields part;        // what the list is of
    const char* rows;   // member of the answer
    const char* field;  // what the name of a row adds to `part`
    // Headings and members of a row; the first is its name, the second a number, or it is left out.
    std::vector<std::pair<Text, const char*>> columns;
    int lists_above;  // when something of it is planned
    void (*look_into)(Console&, Fields part);
};

void choose_part(Console& console, PartList what) {
    List list;
    list.title = Text::backup_restore;
    list.of = what.of;
    list.request = make_request("backup.plan", what.part);
    auto names = std::make_shared<ShownNames::element_type>();
    list.read = [names, what](const Console& c, const std::string& response) {
        Table table;
        for (const auto& [heading, name] : what.columns) table.heading.push_back(c.say(heading));
        const Json json = parse_json(response);
        for (const Json& each : member(json, what.rows)) {
            if (!member(each, what.columns[1].second).is_number()) continue;
            Cells row;
            for (const auto& [heading, name] : what.columns) row.push_back(cell(each, name));
            (*names)[row[0]] = text_of(each, what.columns[0].second);
            table.rows.push_back(std::move(row));
        }
        return table;
    };
    list.when_empty = Text::none;
    const auto part_of = [names, what](const Cells& row) {
        return with(what.part, what.field, meant_by(names, row));
    };
    list.actions = {
        {'m', Text::backup_choose, true,
         [part_of, what](Console& c, const Cells& row) { what.look_into(c, part_of(row)); }},
        {'w', Text::backup_whole, true, [part_of, what](Console& c, const Cells& row) {
             plan_restore(c, part_of(row), what.lists_above);
         }}};
    console.push(make_list(std::move(list)));
}

void choose_mailbox(Console& console, Fields part) {
    std::string account = escape_for_log(std::get<std::string>(part.back().second));
    choose_part(console, {std::move(account),
                          std::move(part),
                          "mailboxes",
                          "mailbox",
                          {{Text::backup_mailbox, "mailbox"},
                           {Text::backup_missing, "missing"},
                           {Text::backup_here, "there"}},
                          3,
                          choose_latest_message});
}

void choose_account(Console& console, const Cells& backup) {
    choose_part(console, {backup[1],
                          number_of_backup(backup),
                          "accounts",
                          "account",
                          {{Text::account, "address"}, {Text::mail, "messages_restored"}},
                          2,
                          choose_mailbox});
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
                    {'p', Text::backup_part, true, restore_part},
                    {'c', Text::backup_choose, true, choose_account}};
    console.push(make_list(std::move(list)));
}

// --- in place of a first set-up: everything, from a target that is not yet the machine's own

constexpr auto for_restore = std::pair("for_restore", true);

void become_backup(Console& console, const Cells& row) {
    Fields fields = number_of_backup(row);
    fields.emplace_back(for_restore);
    Confirmation asked = planned_restore(std::move(fields));
    asked.then = open_restore_progress;
    console.push(make_confirmation(std::move(asked)));
}

// `host_key`: what the server showed, if it is one.
void choose_first_backup(Console& console, const std::string& host_key) {
    List list;
    list.title = Text::set_up_restore;
    list.of = host_key;
    list.request = make_request("backup.list", {for_restore});
    list.read = read_backup_list;
    list.when_empty = Text::backup_none;
    list.actions = {{'e', Text::backup_everything, true, become_backup}};
    console.push(make_list(std::move(list)));
}

}  // namespace

void open_first_restore(Console& console) {
    FormDescription form;
    form.title = Text::set_up_restore;
    form.introduction = Text::set_up_restore_words;
    form.fields = {
        make_field(Text::backup_target, Text::set_up_target_help),
        make_field(Text::backup_passphrase, Text::set_up_passphrase_help, FieldKind::password),
        make_field(Text::backup_sftp, Text::set_up_sftp_help, FieldKind::password),
        make_field(Text::set_up_sftp_key, Text::set_up_sftp_key_help)};
    if (!console.machine().slot.empty()) form.fields[0].value = "usb:";
    form.submit = [](Console& c, Form& f, const Cells& values) {
        if (values[0].empty() || values[1].empty()) {
            f.complain(
                c.say(values[0].empty() ? Text::set_up_target_help : Text::set_up_passphrase_help));
            return;
        }
        Fields fields = {for_restore, {"target", values[0]}, {"passphrase", values[1]}};
        if (!values[2].empty()) fields.emplace_back("sftp_password", values[2]);
        if (!values[3].empty()) fields.emplace_back("sftp_key", values[3]);
        send_form(c, f, make_request("backup.set", fields), [](Console& done, const Answer& said) {
            choose_first_backup(done, escape_for_log(text_of(parse_json(said.line), "host_key")));
        });
    };
    console.push(make_form(std::move(form)));
}

void open_restore_progress(Console& console) {
    Reading reading;
    reading.title = Text::set_up_restore;
    reading.request = make_request("backup.show");
    reading.read = [](const Console& c, const Answer& answer) {
        return format_whole_restore(answer.line, c.language());
    };
    reading.refreshes = true;
    console.push(make_reading(std::move(reading)));
}

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
