// Figures as text; see report.hpp.
#include "load/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "load/figures.hpp"
#include "postern/version.hpp"

namespace postern::bench {
namespace {

using Json = nlohmann::ordered_json;

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

// What a repetition's row is called.
std::string title_of(const Settings& settings, const Outcome& outcome, std::size_t index) {
    if (!settings.goal) return std::to_string(index + 1);
    const Repetition& repetition = outcome.repetitions[index];
    return number(repetition.rate_per_s, 1) + (repetition.held == Held::yes ? "" : " too much");
}

enum class Whose : std::uint8_t { clients, servers };

// One row a repetition, and their spread.
std::string figures_table(const Settings& settings, const Outcome& outcome, Whose whose) {
    const auto& figures = all_figures();
    const auto values = figures_of(outcome);
    Table table;
    const auto add = [&](std::string title, auto cell) {
        std::vector<std::string> cells{std::move(title)};
        for (std::size_t i = 0; i < figures.size(); ++i) {
            if ((figures[i].kind == FigureKind::clients) != (whose == Whose::clients)) continue;
            if (is_known(figures[i], settings, outcome)) cells.push_back(cell(i));
        }
        if (cells.size() > 1) table.row(std::move(cells));
    };
    const auto show = [&](std::size_t i, double value) { return number(value, figures[i].digits); };
    add(settings.goal ? "rate" : "repetition",
        [&](std::size_t i) { return std::string(figures[i].column); });
    for (std::size_t r = 0; r < outcome.repetitions.size(); ++r) {
        add(title_of(settings, outcome, r), [&](std::size_t i) { return show(i, values[i][r]); });
    }
    if (outcome.repetitions.size() > 1 && !settings.goal) {
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
    const auto names = kinds_of(settings);
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
        table.row({names[kind], std::to_string(latency.count()), cell(50), cell(90), cell(99),
                   number(milliseconds_of(latency.largest()), 3)});
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

std::string limit_line(const LimitGoal& goal, double limit_per_s) {
    const std::string bound = number(milliseconds_of(goal.p99_max), 1) + " ms\n";
    if (limit_per_s == 0) return "limit: no rate that was tried kept p99 within " + bound;
    return "limit: " + number(limit_per_s, 1) + " operations/s with p99 within " + bound;
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

Json server_json(const Settings& settings, const Outcome& outcome, const Repetition& repetition) {
    Json json = {{"cpu_s", repetition.used.cpu_s},
                 {"pss_bytes", repetition.used.pss_bytes},
                 {"processes", repetition.used.processes}};
    const Latency none;
    for (const Figure& figure : all_figures()) {
        if (figure.kind == FigureKind::clients || !is_known(figure, settings, outcome)) continue;
        json[figure.name] = figure.of(repetition, none);
    }
    return json;
}

Json repetition_json(const Settings& settings, const Outcome& outcome,
                     const Repetition& repetition) {
    const Tally& tally = repetition.tally;
    Json json = {{"elapsed_s", repetition.elapsed_s},
                 {"operations", tally.operations},
                 {"operations_per_s", operations_per_s(repetition)},
                 {"items", tally.items},
                 {"bytes", tally.bytes},
                 {"failures", tally.failures},
                 {"latency_ms", latency_json(tally.all_latencies())}};
    const auto names = kinds_of(settings);
    for (std::size_t kind = 0; kind < tally.latencies.size(); ++kind) {
        if (tally.latencies[kind] == nullptr) continue;
        json["by_kind"][names[kind]] = latency_json(*tally.latencies[kind]);
    }
    if (settings.goal) {
        json["rate_per_s"] = repetition.rate_per_s;
        json["held"] = repetition.held == Held::yes;
    }
    if (knows_server(settings) || !settings.server_disk.empty()) {
        json["server"] = server_json(settings, outcome, repetition);
    }
    return json;
}

Json samples_json(const Outcome& outcome) {
    Json json = Json::array();
    for (const Sample& sample : outcome.samples) {
        json.push_back({{"at_s", sample.at_s},
                        {"operations_per_s", sample.operations_per_s},
                        {"failures", sample.failures},
                        {"p50_ms", sample.p50_ms},
                        {"p90_ms", sample.p90_ms},
                        {"p99_ms", sample.p99_ms},
                        {"max_ms", sample.max_ms},
                        {"server_pss_bytes", sample.server_pss_bytes}});
    }
    return json;
}

Json settings_json(const Settings& settings) {
    return {{"tool", "postern-bench"},
            {"version", version},
            {"workload", std::string(name_of(settings.workload))},
            {"profile", settings.profile},
            {"description", headline(settings)},
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

std::string format_table(const Settings& settings, const Outcome& outcome) {
    std::string text = headline(settings) + "\n";
    if (!outcome.repetitions.empty()) {
        text += figures_table(settings, outcome, Whose::clients);
        text += figures_table(settings, outcome, Whose::servers);
        text += kinds_table(settings, outcome);
    }
    if (knows_server(settings) && settings.workload == Workload::idle) {
        const double grown =
            double(outcome.with_sessions.pss_bytes) - double(outcome.before_sessions.pss_bytes);
        text += "memory a session: " + number(grown / 1024 / settings.sessions, 2) + " KiB\n";
    }
    if (outcome.limit_per_s) text += limit_line(*settings.goal, *outcome.limit_per_s);
    if (!outcome.remark.empty()) text += "not counted: " + outcome.remark + "\n";
    if (outcome.verdict) text += verdict_line(*outcome.verdict);
    return text + failures_text(outcome);
}

std::string format_json(const Settings& settings, const Outcome& outcome) {
    Json json = settings_json(settings);
    json["run"] = outcome.run;
    json["repetitions"] = Json::array();
    for (const Repetition& repetition : outcome.repetitions) {
        json["repetitions"].push_back(repetition_json(settings, outcome, repetition));
    }
    if (!outcome.repetitions.empty()) {
        const auto& figures = all_figures();
        const auto values = figures_of(outcome);
        for (std::size_t i = 0; i < figures.size(); ++i) {
            if (!is_known(figures[i], settings, outcome)) continue;
            const Spread spread = spread_of(values[i]);
            json["summary"][figures[i].name] = {
                {"min", spread.min}, {"median", spread.median}, {"max", spread.max}};
        }
    }
    if (knows_server(settings)) {
        json["server_pss_bytes"] = {{"before_sessions", outcome.before_sessions.pss_bytes},
                                    {"with_sessions", outcome.with_sessions.pss_bytes}};
    }
    if (outcome.limit_per_s) json["limit_per_s"] = *outcome.limit_per_s;
    if (!outcome.samples.empty()) json["samples"] = samples_json(outcome);
    if (!outcome.remark.empty()) json["not_counted"] = outcome.remark;
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
        const auto& figures = all_figures();
        const auto values = figures_of(ceiling.outcome);
        const auto cell = [&](std::size_t i) {
            return number(spread_of(values[i]).median, figures[i].digits);
        };
        table.row({ceiling.name, cell(0), cell(1), cell(2), cell(4)});
    }
    return table.text() + troubles;
}

}  // namespace postern::bench
