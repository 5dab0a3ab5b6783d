// Figures as text; see report.hpp.
#include "load/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/ascii.hpp"
#include "postern/version.hpp"

namespace postern::bench {
namespace {

using Json = nlohmann::ordered_json;

double per(double value, std::uint64_t count) {
    return count == 0 ? 0 : value / double(count);
}
double milliseconds_of(Duration duration) {
    return double(duration.ns) / 1e6;
}
double rate_of(const Repetition& repetition) {
    return repetition.elapsed_s > 0 ? double(repetition.tally.operations) / repetition.elapsed_s
                                    : 0;
}
bool knows_server(const Settings& settings) {
    return !settings.server_pids.empty() || !settings.server_cgroup.empty();
}

// The figures of a repetition, by the name that JSON and the table's columns have.
struct Figure {
    const char* name;
    const char* column;
    int digits;
    double (*of)(const Repetition&, const Latency&);
    bool is_servers;
};

constexpr Figure figures[] = {
    {"operations_per_s", "ops/s", 1, [](const Repetition& r, const Latency&) { return rate_of(r); },
     false},
    {"items_per_s", "items/s", 1,
     [](const Repetition& r, const Latency&) {
         return r.elapsed_s > 0 ? double(r.tally.items) / r.elapsed_s : 0;
     },
     false},
    {"p50_ms", "p50 ms", 3,
     [](const Repetition&, const Latency& l) { return milliseconds_of(l.percentile(50)); }, false},
    {"p90_ms", "p90 ms", 3,
     [](const Repetition&, const Latency& l) { return milliseconds_of(l.percentile(90)); }, false},
    {"p99_ms", "p99 ms", 3,
     [](const Repetition&, const Latency& l) { return milliseconds_of(l.percentile(99)); }, false},
    {"p99_9_ms", "p99.9 ms", 3,
     [](const Repetition&, const Latency& l) { return milliseconds_of(l.percentile(99.9)); },
     false},
    {"max_ms", "max ms", 3,
     [](const Repetition&, const Latency& l) { return milliseconds_of(l.largest()); }, false},
    {"cpu_s_per_1000_operations", "CPU s/1k ops", 4,
     [](const Repetition& r, const Latency&) {
         return per(r.used.cpu_s, r.tally.operations) * 1e3;
     },
     true},
    {"cpu_s_per_1000_items", "CPU s/1k items", 4,
     [](const Repetition& r, const Latency&) { return per(r.used.cpu_s, r.tally.items) * 1e3; },
     true},
    {"context_switches_per_operation", "switches/op", 2,
     [](const Repetition& r, const Latency&) {
         return per(double(r.used.context_switches), r.tally.operations);
     },
     true},
    {"pss_mb", "PSS MB", 1,
     [](const Repetition& r, const Latency&) { return double(r.used.pss_bytes) / 1e6; }, true},
};

std::string number(double value, int digits) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

// Columns as wide as their widest cell, numbers to the right.
class Table {
 public:
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::string text() const {
        std::vector<std::size_t> widths;
        for (const auto& cells : rows_) {
            widths.resize(std::max(widths.size(), cells.size()));
            for (std::size_t i = 0; i < cells.size(); ++i) {
                widths[i] = std::max(widths[i], cells[i].size());
            }
        }
        std::string out;
        for (const auto& cells : rows_) {
            std::string line;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const std::string blanks(widths[i] - cells[i].size(), ' ');
                line += (i == 0 ? "" : "  ") + (i == 0 ? cells[i] + blanks : blanks + cells[i]);
            }
            out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        }
        return out;
    }

 private:
    std::vector<std::vector<std::string>> rows_;
};

const char* name_of_mode(TlsMode mode) {
    switch (mode) {
        case TlsMode::none: return "plain";
        case TlsMode::starttls: return "starttls";
        case TlsMode::implicit: return "tls";
    }
    return "";
}

std::string headline(const Settings& settings) {
    std::string line(name_of(settings.workload));
    if (!settings.profile.empty()) line += " " + settings.profile;
    line += ", " + settings.target.address + ":" + std::to_string(settings.target.port) + " " +
            name_of_mode(settings.target.tls) + ", " + std::to_string(settings.sessions) +
            " sessions";
    line += settings.rate_per_s > 0
                ? ", " + number(settings.rate_per_s, 1) + " operations/s (open loop)"
                : std::string(", closed loop");
    if (settings.workload == Workload::smtp || settings.workload == Workload::submit) {
        line += ", messages of " + settings.sizes.name;
        line += settings.transfer == Transfer::bdat ? ", BDAT" : ", DATA";
        line += settings.pipelining == Pipelining::on ? ", pipelined" : ", in step";
    }
    return line + "\n";
}

// name -> the repetitions' values, in the order of `figures`.
std::vector<std::vector<double>> all_figures(const Outcome& outcome) {
    std::vector<std::vector<double>> values(std::size(figures));
    for (const Repetition& repetition : outcome.repetitions) {
        const Latency latency = repetition.tally.all_latencies();
        for (std::size_t i = 0; i < std::size(figures); ++i) {
            values[i].push_back(figures[i].of(repetition, latency));
        }
    }
    return values;
}

std::string figures_table(const Settings& settings, const Outcome& outcome) {
    const auto values = all_figures(outcome);
    Table table;
    const auto add = [&](std::string title, auto cell) {
        std::vector<std::string> cells{std::move(title)};
        for (std::size_t i = 0; i < std::size(figures); ++i) {
            if (!figures[i].is_servers || knows_server(settings)) cells.push_back(cell(i));
        }
        table.row(std::move(cells));
    };
    const auto show = [](std::size_t i, double value) { return number(value, figures[i].digits); };
    add("repetition", [](std::size_t i) { return std::string(figures[i].column); });
    for (std::size_t r = 0; r < outcome.repetitions.size(); ++r) {
        add(std::to_string(r + 1), [&](std::size_t i) { return show(i, values[i][r]); });
    }
    if (outcome.repetitions.size() > 1) {
        add("min", [&](std::size_t i) { return show(i, spread_of(values[i]).min); });
        add("median", [&](std::size_t i) { return show(i, spread_of(values[i]).median); });
        add("max", [&](std::size_t i) { return show(i, spread_of(values[i]).max); });
    }
    return table.text();
}

Tally sum_of(const Outcome& outcome) {
    Tally all;
    for (const Repetition& repetition : outcome.repetitions) {
        for (const auto& [words, count] : repetition.tally.troubles) all.troubles[words] += count;
        all.failures += repetition.tally.failures;
        all.operations += repetition.tally.operations;
    }
    return all;
}

std::string failures_text(const Outcome& outcome) {
    std::string text;
    const Tally all = sum_of(outcome);
    if (all.failures > 0) text += std::to_string(all.failures) + " operations failed:\n";
    for (const auto& [words, count] : all.troubles) {
        text += "  " + std::to_string(count) + " times " + words + "\n";
    }
    if (!outcome.trouble.empty()) text += outcome.trouble + "\n";
    return text;
}

// Each kind of operation by itself, where there are several.
std::string kinds_table(const Settings& settings, const Outcome& outcome) {
    const auto names = kinds_of(settings.workload);
    Table table;
    table.row({"operation", "count", "p50 ms", "p90 ms", "p99 ms", "max ms"});
    unsigned rows = 0;
    for (std::size_t kind = 0; kind < names.size(); ++kind) {
        Latency latency;
        for (const Repetition& repetition : outcome.repetitions) {
            const auto& parts = repetition.tally.latencies;
            if (kind < parts.size() && parts[kind] != nullptr) latency.merge(*parts[kind]);
        }
        if (latency.count() == 0) continue;
        ++rows;
        const auto cell = [&](double percent) {
            return number(milliseconds_of(latency.percentile(percent)), 3);
        };
        table.row({std::string(names[kind]), std::to_string(latency.count()), cell(50), cell(90),
                   cell(99), number(milliseconds_of(latency.largest()), 3)});
    }
    return rows > 1 ? table.text() : std::string();
}

std::string verdict_line(const Verdict& verdict) {
    return "verified: " + std::to_string(verdict.intact) + " of " +
           std::to_string(verdict.expected) + " copies intact; " + std::to_string(verdict.lost) +
           " lost, " + std::to_string(verdict.doubled) + " doubled, " +
           std::to_string(verdict.changed) + " changed, " + std::to_string(verdict.unknown) +
           " in a mailbox they were not sent to, " + std::to_string(verdict.forgotten) +
           " not looked for\n";
}

Json latency_json(const Latency& latency) {
    return {{"p50", milliseconds_of(latency.percentile(50))},
            {"p90", milliseconds_of(latency.percentile(90))},
            {"p99", milliseconds_of(latency.percentile(99))},
            {"p99_9", milliseconds_of(latency.percentile(99.9))},
            {"max", milliseconds_of(latency.largest())},
            {"mean", milliseconds_of(latency.mean())},
            {"count", latency.count()}};
}

Json repetition_json(const Settings& settings, const Repetition& repetition) {
    const Tally& tally = repetition.tally;
    Json json = {{"elapsed_s", repetition.elapsed_s},
                 {"operations", tally.operations},
                 {"operations_per_s", rate_of(repetition)},
                 {"items", tally.items},
                 {"bytes", tally.bytes},
                 {"failures", tally.failures},
                 {"latency_ms", latency_json(tally.all_latencies())}};
    const auto names = kinds_of(settings.workload);
    for (std::size_t kind = 0; kind < tally.latencies.size(); ++kind) {
        if (tally.latencies[kind] == nullptr) continue;
        json["by_kind"][std::string(names[kind])] = latency_json(*tally.latencies[kind]);
    }
    if (!knows_server(settings)) return json;
    const Usage& used = repetition.used;
    json["server"] = {
        {"cpu_s", used.cpu_s},
        {"cpu_s_per_1000_operations", per(used.cpu_s, tally.operations) * 1e3},
        {"cpu_s_per_1000_items", per(used.cpu_s, tally.items) * 1e3},
        {"context_switches_per_operation", per(double(used.context_switches), tally.operations)},
        {"pss_bytes", used.pss_bytes},
        {"processes", used.processes}};
    return json;
}

Json settings_json(const Settings& settings) {
    return {{"tool", "postern-bench"},
            {"version", version},
            {"workload", std::string(name_of(settings.workload))},
            {"profile", settings.profile},
            {"target", settings.target.address + ":" + std::to_string(settings.target.port)},
            {"tls", name_of_mode(settings.target.tls)},
            {"sessions", settings.sessions},
            {"threads", settings.threads},
            {"rate_per_s", settings.rate_per_s},
            {"count", settings.count},
            {"warm_up_s", double(settings.warm_up.ns) / 1e9},
            {"duration_s", double(settings.duration.ns) / 1e9},
            {"message_size", settings.sizes.name},
            {"recipients", settings.recipients},
            {"messages_per_session", settings.messages_per_session},
            {"bdat", settings.transfer == Transfer::bdat},
            {"pipelining", settings.pipelining == Pipelining::on}};
}

}  // namespace

Spread spread_of(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    const double median =
        values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return {values.front(), median, values.back()};
}

std::string format_table(const Settings& settings, const Outcome& outcome) {
    std::string text = headline(settings);
    if (!outcome.repetitions.empty()) {
        text += figures_table(settings, outcome);
        text += kinds_table(settings, outcome);
    }
    if (knows_server(settings) && settings.workload == Workload::idle) {
        const double grown =
            double(outcome.with_sessions.pss_bytes) - double(outcome.before_sessions.pss_bytes);
        text += "memory a session: " + number(grown / 1024 / settings.sessions, 2) + " KiB\n";
    }
    if (outcome.verdict) text += verdict_line(*outcome.verdict);
    return text + failures_text(outcome);
}

std::string format_json(const Settings& settings, const Outcome& outcome) {
    Json json = settings_json(settings);
    json["run"] = outcome.run;
    json["repetitions"] = Json::array();
    for (const Repetition& repetition : outcome.repetitions) {
        json["repetitions"].push_back(repetition_json(settings, repetition));
    }
    if (!outcome.repetitions.empty()) {
        const auto values = all_figures(outcome);
        for (std::size_t i = 0; i < std::size(figures); ++i) {
            if (figures[i].is_servers && !knows_server(settings)) continue;
            const Spread spread = spread_of(values[i]);
            json["summary"][figures[i].name] = {
                {"min", spread.min}, {"median", spread.median}, {"max", spread.max}};
        }
    }
    if (knows_server(settings)) {
        json["server_pss_bytes"] = {{"before_sessions", outcome.before_sessions.pss_bytes},
                                    {"with_sessions", outcome.with_sessions.pss_bytes}};
    }
    json["troubles"] = sum_of(outcome).troubles;
    if (!outcome.trouble.empty()) json["trouble"] = outcome.trouble;
    if (outcome.verdict) {
        const Verdict& verdict = *outcome.verdict;
        json["verified"] = {{"expected", verdict.expected},  {"intact", verdict.intact},
                            {"lost", verdict.lost},          {"doubled", verdict.doubled},
                            {"changed", verdict.changed},    {"unknown", verdict.unknown},
                            {"forgotten", verdict.forgotten}};
    }
    json["exit_status"] = outcome.exit_status();
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string format_ceilings(const std::vector<Ceiling>& ceilings) {
    Table table;
    table.row({"against nothing", "ops/s", "items/s", "p50 ms", "p99 ms"});
    std::string troubles;
    for (const Ceiling& ceiling : ceilings) {
        troubles += failures_text(ceiling.outcome);
        if (ceiling.outcome.repetitions.empty()) continue;
        const auto values = all_figures(ceiling.outcome);
        const auto cell = [&](std::size_t i) {
            return number(spread_of(values[i]).median, figures[i].digits);
        };
        table.row({ceiling.name, cell(0), cell(1), cell(2), cell(4)});
    }
    return table.text() + troubles;
}

}  // namespace postern::bench
