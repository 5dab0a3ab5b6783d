// The status of gateway and machine; see status_screen.hpp. 80 columns and 24 rows hold it all.
#include "console/status_screen.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "console/cells.hpp"
#include "console/limits.hpp"
#include "console/menus.hpp"
#include "postern/version.hpp"

namespace postern::console {
namespace {

constexpr int label_columns = 14;
constexpr int graph_rows = 3;
constexpr int day_s = 86'400;

int percent_used(std::uint64_t total, std::uint64_t available) {
    if (total == 0 || available > total) return 0;
    return int((total - available) * 100 / total);
}

std::string percent_of(std::uint64_t total, std::uint64_t available, const Console& console) {
    if (total == 0) return "?";
    return fill_in(console.say(Text::percent_of),
                   {std::to_string(percent_used(total, available)), format_size(total)});
}

std::int64_t days_left(const Console& console) {
    const std::int64_t until_s = console.status().certificate_until_s;
    return (until_s - console.machine().now_s) / day_s;
}

std::string clock_of(const Console& console) {
    switch (console.machine().clock) {
        case ClockState::synchronised: return console.say(Text::clock_good);
        case ClockState::free_running: return console.say(Text::clock_free);
        case ClockState::unknown: break;
    }
    return "?";
}

Row labelled(const char* label, std::string value, Style style = Style::plain) {
    return {{fit(std::string(" ") + label, label_columns), Style::faint},
            {std::move(value), style}};
}

void add_addresses(const Console& console, int columns, Rows& rows) {
    std::string all;
    for (const MachineAddress& each : console.machine().addresses) {
        if (!all.empty()) all += ", ";
        all += each.interface + " " + each.address;
    }
    if (all.empty()) all = console.say(Text::no_address);
    const char* label = console.say(Text::addresses);
    std::vector<std::string> lines = wrap(all, columns - label_columns);
    if (lines.size() > 2) lines.resize(2);
    for (std::string& line : lines) {
        rows.push_back(labelled(label, std::move(line)));
        label = "";
    }
}

void add_certificate(const Console& console, Rows& rows) {
    const std::string& print = console.status().fingerprint;
    constexpr std::size_t half = 48;  // sixteen bytes, each with its colon
    if (print.size() <= half) {
        rows.push_back(labelled(console.say(Text::certificate), print.empty() ? "?" : print));
        return;
    }
    const std::int64_t days = days_left(console);
    const Style style = days < certificate_days_min ? Style::bad : Style::plain;
    rows.push_back(labelled(console.say(Text::certificate), print.substr(0, half)));
    Row second = labelled("  SHA-256", print.substr(half));
    second.push_back({"  " + fill_in(console.say(Text::days_left), {std::to_string(days)}), style});
    rows.push_back(std::move(second));
}

std::string listener_text(const ListenerFacts& listener) {
    return " " + listener.protocol + " " + listener.address + ":" + std::to_string(listener.port);
}

void add_listeners(const Console& console, int columns, Rows& rows) {
    rows.push_back(ruler(console.say(Text::services), columns));
    if (!console.status().reached) {
        rows.push_back({{std::string(" ") + console.say(Text::not_answering), Style::bad}});
        return;
    }
    int widest = 0;
    for (const ListenerFacts& each : console.status().listeners) {
        widest = std::max(widest, width_of(listener_text(each)));
    }
    constexpr int state_columns = 8;
    const int width = widest + 2 + state_columns;
    Row row;
    for (const ListenerFacts& each : console.status().listeners) {
        row.push_back({fit(listener_text(each), widest + 2), Style::plain});
        row.push_back({fit(console.say(Text::open), state_columns), Style::good});
        if (width * int(row.size() / 2 + 1) <= columns) continue;
        rows.push_back(std::exchange(row, {}));
    }
    if (!row.empty()) rows.push_back(std::move(row));
}

std::string rate_of(const std::deque<double>& samples) {
    char text[32];
    const double rate = samples.empty() ? 0 : samples.back();
    std::snprintf(text, sizeof text, "%.0f", rate);
    return text;
}

void add_mail(const Console& console, int columns, Rows& rows) {
    rows.push_back(ruler(console.say(Text::mail), columns));
    const History& history = console.history();
    const int half = (columns - 2) / 2;
    const auto heading = [&](Text text, const std::deque<double>& samples) {
        return fit(" " + fill_in(console.say(text), {rate_of(samples)}), half + 1);
    };
    rows.push_back({{heading(Text::mail_in, history.in()), Style::plain},
                    {heading(Text::mail_out, history.out()), Style::plain}});
    const auto in = draw_graph(history.in(), half - 3), out = draw_graph(history.out(), half - 3);
    for (int i = 0; i < graph_rows; ++i) {
        rows.push_back({{" │", Style::faint},
                        {in[std::size_t(i)], Style::good},
                        {"  │", Style::faint},
                        {out[std::size_t(i)], Style::good}});
    }
}

void add_numbers(const Console& console, Rows& rows) {
    const StatusFacts& status = console.status();
    const Machine& machine = console.machine();
    const auto pair = [&](Text left, const std::string& a, Text right, const std::string& b) {
        rows.push_back({{fit(std::string(" ") + console.say(left), label_columns), Style::faint},
                        {fit(a, 26), Style::plain},
                        {fit(console.say(right), label_columns), Style::faint},
                        {b, Style::plain}});
    };
    pair(Text::queue, std::to_string(status.queue_entries), Text::sessions,
         std::to_string(status.connections));
    pair(Text::disk, percent_of(machine.disk_bytes, machine.disk_bytes_available, console),
         Text::memory, percent_of(machine.memory.bytes, machine.memory.bytes_available, console));
    pair(Text::up_for, format_uptime(machine.uptime_s), Text::clock, clock_of(console));
}

// Nothing where none are made.
void add_backups(const Console& console, Rows& rows) {
    const BackupFacts& facts = console.backups();
    if (facts.target.empty()) return;
    const auto moment = [&](std::int64_t seconds) {
        return seconds == 0 ? std::string(console.say(Text::backup_never))
                            : format_time(seconds) + " UTC";
    };
    const bool is_well =
        facts.run_problem.empty() && facts.verify_problem.empty() && facts.prune_problem.empty();
    rows.push_back(labelled(
        console.say(Text::backup_label),
        fill_in(console.say(Text::backup_status), {moment(facts.run_s), moment(facts.verified_s)}),
        is_well ? Style::plain : Style::bad));
}

void add_backup_alarms(const Console& console, std::vector<std::string>& alarms) {
    const BackupFacts& facts = console.backups();
    if (facts.target.empty()) return;
    const auto raise = [&](Text text, const std::string& value) {
        alarms.push_back(fill_in(console.say(text), {value}));
    };
    if (!facts.run_problem.empty()) raise(Text::alarm_backup, facts.run_problem);
    if (!facts.verify_problem.empty()) raise(Text::alarm_backup_verify, facts.verify_problem);
    if (!facts.prune_problem.empty()) raise(Text::alarm_backup_prune, facts.prune_problem);
    const std::int64_t days = (console.machine().now_s - facts.run_s) / day_s;
    if (facts.run_s != 0 && days >= backup_days_max) {
        raise(Text::alarm_backup_old, std::to_string(days));
    }
}

void add_alarms(const Console& console, Size size, Rows& rows) {
    rows.push_back(ruler(console.say(Text::alarms), size.columns));
    const std::vector<std::string> alarms = find_alarms(console);
    if (alarms.empty()) rows.push_back({{std::string(" ") + console.say(Text::none), Style::good}});
    const auto room = std::size_t(std::max(size.rows - int(rows.size()), 1));
    for (std::size_t i = 0; i < alarms.size(); ++i) {
        const bool is_last = i + 1 == room && alarms.size() > room;
        if (i >= room) break;
        const std::string more = std::to_string(alarms.size() - i);
        rows.push_back(
            {{" ! ", Style::bad},
             {is_last ? fill_in(console.say(Text::more_alarms), {more}) : alarms[i], Style::bad}});
    }
}

class StatusScreen final : public Screen {
 public:
    std::string title(const Console& console) const override {
        std::string title = "Postern " + std::string(version);
        const StatusFacts& status = console.status();
        title +=
            "   " + (status.host_name.empty() ? console.machine().host_name : status.host_name);
        if (!console.machine().slot.empty()) {
            title += "   " + fill_in(console.say(Text::slot), {console.machine().slot});
        }
        return title + "   " + format_time(console.machine().now_s) + " UTC";
    }

    Rows body(const Console& console, Size size) const override {
        Rows rows;
        add_addresses(console, size.columns, rows);
        add_certificate(console, rows);
        add_listeners(console, size.columns, rows);
        add_mail(console, size.columns, rows);
        add_numbers(console, rows);
        add_backups(console, rows);
        add_alarms(console, size, rows);
        return rows;
    }

    std::string keys(const Console& console) const override {
        const bool is_new = console.status().reached && console.status().domains == 0;
        return std::string(console.say(is_new ? Text::keys_status_new : Text::keys_status));
    }

    void handle(Console& console, const Key& key) override {
        if (key.is('q')) console.end();
        if (key.is('l')) console.set_language(next_language(console.language()));
        const bool enters = key.kind == Key::Kind::enter || key.is_function(2);
        if (enters && console.status().reached) open_login(console);
    }
};

}  // namespace

std::string format_uptime(std::uint64_t seconds) {
    const std::uint64_t days = seconds / day_s, hours = seconds / 3'600 % 24;
    if (days > 0) return std::to_string(days) + " d " + std::to_string(hours) + " h";
    const std::string minutes = std::to_string(seconds / 60 % 60) + " min";
    return hours > 0 ? std::to_string(hours) + " h " + minutes : minutes;
}

std::vector<std::string> draw_graph(const std::deque<double>& samples, int columns) {
    std::vector<std::string> rows(graph_rows, std::string(std::size_t(std::max(columns, 0)), ' '));
    if (samples.empty() || columns <= 0) return rows;
    const double most = std::max(1.0, *std::ranges::max_element(samples));
    constexpr std::string_view marks = " .:#";
    constexpr int steps = int(marks.size()) - 1;
    const std::size_t shown = std::min(samples.size(), std::size_t(columns));
    for (std::size_t i = 0; i < shown; ++i) {
        const double sample = samples[samples.size() - shown + i];
        const int level = int(std::ceil(sample / most * graph_rows * steps));
        const std::size_t column = std::size_t(columns) - shown + i;
        for (int row = 0; row < graph_rows; ++row) {
            const int mark = std::clamp(level - (graph_rows - 1 - row) * steps, 0, steps);
            rows[std::size_t(row)][column] = marks[std::size_t(mark)];
        }
    }
    return rows;
}

std::vector<std::string> find_alarms(const Console& console) {
    const StatusFacts& status = console.status();
    const Machine& machine = console.machine();
    std::vector<std::string> alarms;
    const auto raise = [&](Text text, const std::string& value) {
        alarms.push_back(fill_in(console.say(text), {value}));
    };
    if (!status.reached && !status.problem.empty()) raise(Text::alarm_gateway, status.problem);
    alarms.insert(alarms.end(), machine.alarms.begin(), machine.alarms.end());
    const int disk = percent_used(machine.disk_bytes, machine.disk_bytes_available);
    if (disk > disk_percent_max) raise(Text::alarm_disk, std::to_string(disk));
    if (status.certificate_until_s != 0 && machine.now_s != 0) {
        const std::int64_t days = days_left(console);
        if (machine.now_s > status.certificate_until_s) {
            raise(Text::alarm_certificate_over, format_time(status.certificate_until_s));
        } else if (days < certificate_days_min) {
            raise(Text::alarm_certificate, std::to_string(days));
        }
    }
    add_backup_alarms(console, alarms);
    const int memory = percent_used(machine.memory.bytes, machine.memory.bytes_available);
    if (memory > memory_percent_max) raise(Text::alarm_memory, std::to_string(memory));
    if (machine.now_s != 0 && machine.addresses.empty()) raise(Text::alarm_address, "");
    if (machine.clock == ClockState::free_running) raise(Text::alarm_clock, "");
    if (status.plaintext_login) raise(Text::alarm_plaintext, "");
    if (status.reached && status.domains == 0) raise(Text::not_set_up, "");
    return alarms;
}

std::shared_ptr<Screen> make_status_screen() {
    return std::make_shared<StatusScreen>();
}

}  // namespace postern::console
