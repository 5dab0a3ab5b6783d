// The queue and the way of messages; see menus.hpp.
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Cells = std::vector<std::string>;

std::string first_pending(const Json& entry) {
    for (const Json& each : member(entry, "recipients")) {
        if (cell(each, "state") == "pending") return cell(each, "address");
    }
    return {};
}

std::string why(const Json& entry) {
    const std::string reason = cell(entry, "reason");
    if (!reason.empty()) return reason;
    for (const Json& each : member(entry, "recipients")) {
        const std::string reply = cell(each, "reply");
        if (!reply.empty()) return reply;
    }
    return cell(entry, "problem");
}

Table read_queue(const Console& console, const std::string& response) {
    Table table;
    table.heading = {"ID", console.say(Text::state), console.say(Text::from), console.say(Text::to),
                     console.say(Text::reason)};
    const Json json = parse_json(response);
    for (const Json& each : member(json, "entries")) {
        const std::string from = cell(each, "from");
        table.rows.push_back({cell(each, "id"), cell(each, "state"), from.empty() ? "<>" : from,
                              first_pending(each), why(each)});
    }
    return table;
}

std::string request_on(const char* command, const std::string& id) {
    return make_request(command, {{"ids", Cells{id}}});
}

void show_entry(Console& console, const Cells& row) {
    Reading reading;
    reading.title = Text::queue;
    reading.of = row[0];
    reading.request = request_on("queue.show", row[0]);
    reading.read = [](const Console& c, const Answer& answer) {
        return c.formatters().response("queue.show", answer.line);
    };
    console.push(make_reading(std::move(reading)));
}

ListAction on_entry(char key, Text label, Text words, const char* command) {
    return {key, label, true, [=](Console& console, const Cells& row) {
                ask_first(console, label, words, {row[0], row[2], row[3]},
                          request_on(command, row[0]));
            }};
}

}  // namespace

void open_queue(Console& console) {
    List list;
    list.title = Text::queue;
    list.request = make_request("queue.list");
    list.read = read_queue;
    list.when_empty = Text::queue_empty;
    list.refreshes = true;
    list.actions = {{'s', Text::show, true, show_entry},
                    on_entry('r', Text::retry, Text::retry_words, "queue.retry"),
                    on_entry('h', Text::hold, Text::hold_words, "queue.hold"),
                    on_entry('l', Text::release, Text::release_words, "queue.release"),
                    on_entry('b', Text::bounce, Text::bounce_words, "queue.bounce"),
                    on_entry('d', Text::remove, Text::delete_words, "queue.delete")};
    console.push(make_list(std::move(list)));
}

void open_trace(Console& console) {
    FormDescription form;
    form.title = Text::trace;
    form.fields = {make_field(Text::trace_what, Text::trace_help)};
    form.submit = [](Console& c, Form&, const Cells& values) {
        Reading reading;
        reading.title = Text::trace;
        reading.of = values[0];
        reading.request = make_request("trace", {{"for", values[0]}, {"limit", std::uint64_t(20)}});
        reading.read = [](const Console& of, const Answer& answer) {
            return of.formatters().trace(answer.line);
        };
        c.push(make_reading(std::move(reading)));
    };
    console.push(make_form(std::move(form)));
}

}  // namespace postern::console
