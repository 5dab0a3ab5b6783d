// The page; see html.hpp.
#include "load/html.hpp"

#include <algorithm>

#include "base/html.hpp"
#include "load/chart.hpp"
#include "load/figures.hpp"
#include "load/report.hpp"
#include "postern/version.hpp"

namespace postern::bench {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #fff; --line: #e1e5ea;
  --c0: #1f6fd0; --c1: #d9621e; --c2: #128a60; --c3: #8a4fc4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebef; --soft: #9aa5b3; --paper: #14181d;
  --line: #2b323b; --c0: #5aa2f5; --c1: #f08a4b; --c2: #3fbf92; --c3: #b98aea; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 900px; margin: 32px auto; padding: 0 20px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 28px 0 8px; }
p.what { color: var(--soft); margin: 0 0 20px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tiles div { border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.tiles b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: 13px; }
svg { width: 100%; height: auto; margin: 14px 0; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg > text { fill: var(--ink); font-size: 13px; }
.axes line { stroke: var(--line); } path { fill: none; stroke-width: 2; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); }
.s3 { stroke: var(--c3); } .f0 { fill: var(--c0); } .f1 { fill: var(--c1); }
.f2 { fill: var(--c2); } .f3 { fill: var(--c3); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px 4px 0; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
pre { overflow-x: auto; font-size: 13px; color: var(--soft); }
)";

template <class Of>
Series series_of(std::string name, const std::vector<Sample>& samples, Of of) {
    Series series{std::move(name), {}};
    for (const Sample& sample : samples) series.points.push_back({sample.at_s, of(sample)});
    return series;
}

std::string time_charts(const std::vector<Sample>& all) {
    std::string out;
    out += format_chart(
        {"Throughput",
         "s",
         "operations/s",
         Scale::linear,
         {series_of("operations", all, [](const Sample& s) { return s.operations_per_s; })}});
    std::vector<Sample> busy;  // where nothing was done there is no latency
    std::ranges::copy_if(all, std::back_inserter(busy),
                         [](const Sample& s) { return s.operations_per_s > 0; });
    out += format_chart({"Latency",
                         "s",
                         "ms",
                         Scale::logarithmic,
                         {series_of("p50", busy, [](const Sample& s) { return s.p50_ms; }),
                          series_of("p90", busy, [](const Sample& s) { return s.p90_ms; }),
                          series_of("p99", busy, [](const Sample& s) { return s.p99_ms; }),
                          series_of("max", busy, [](const Sample& s) { return s.max_ms; })}});
    const bool knows_memory =
        std::ranges::any_of(all, [](const Sample& s) { return s.server_pss_bytes > 0; });
    if (!knows_memory) return out;
    const auto megabytes = [](const Sample& s) { return double(s.server_pss_bytes) / 1e6; };
    return out + format_chart({"Memory of the server (PSS)",
                               "s",
                               "MB",
                               Scale::linear,
                               {series_of("PSS", all, megabytes)}});
}

// Of find-limit.
std::string rate_chart(const Outcome& outcome) {
    Series p50{"p50", {}};
    Series p99{"p99", {}};
    for (const Repetition& repetition : outcome.repetitions) {
        const Latency latency = repetition.tally.all_latencies();
        const double rate = repetition.rate_per_s;
        p50.points.push_back({rate, milliseconds_of(latency.percentile(50))});
        p99.points.push_back({rate, milliseconds_of(latency.percentile(99))});
    }
    const auto by_rate = [](const Point& a, const Point& b) { return a.x < b.x; };
    std::ranges::sort(p50.points, by_rate);
    std::ranges::sort(p99.points, by_rate);
    return format_chart({"Latency at each rate",
                         "operations/s",
                         "ms",
                         Scale::logarithmic,
                         {std::move(p50), std::move(p99)}});
}

std::string tile(const std::string& value, const std::string& name) {
    return "<div><b>" + escape_html(value) + "</b><span>" + escape_html(name) + "</span></div>\n";
}

// The medians, large.
std::string tiles(const Settings& settings, const Outcome& outcome) {
    const auto& figures = all_figures();
    const auto values = figures_of(outcome);
    std::string out = "<div class=\"tiles\">\n";
    if (outcome.limit_per_s) out += tile(number(*outcome.limit_per_s, 0), "operations/s: limit");
    for (const char* name : {"operations_per_s", "p50_ms", "p99_ms", "cpu_s_per_1000_operations",
                             "system_calls_per_operation", "pss_mb"}) {
        for (std::size_t i = 0; i < figures.size(); ++i) {
            if (std::string_view(figures[i].name) != name) continue;
            if (settings.goal || !is_known(figures[i], settings, outcome)) continue;
            out += tile(number(spread_of(values[i]).median, figures[i].digits), figures[i].column);
        }
    }
    return out + "</div>\n";
}

std::string spread_table(const Settings& settings, const Outcome& outcome) {
    const auto& figures = all_figures();
    const auto values = figures_of(outcome);
    std::string out = "<table><tr><th></th><th>min</th><th>median</th><th>max</th></tr>\n";
    for (std::size_t i = 0; i < figures.size(); ++i) {
        if (!is_known(figures[i], settings, outcome)) continue;
        const Spread spread = spread_of(values[i]);
        out += std::string("<tr><td>") + figures[i].column + "</td>";
        for (const double value : {spread.min, spread.median, spread.max}) {
            out += "<td>" + number(value, figures[i].digits) + "</td>";
        }
        out += "</tr>\n";
    }
    return out + "</table>\n";
}

}  // namespace

std::string format_html(const Settings& settings, const Outcome& outcome) {
    std::string out =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>postern-bench: ";
    out += escape_html(name_of(settings.workload));
    out += "</title>\n<style>";
    out += style;
    out += "</style></head><body>\n<h1>postern-bench: ";
    out += escape_html(name_of(settings.workload));
    out += "</h1>\n<p class=\"what\">" + escape_html(headline(settings)) + ". Run " +
           escape_html(outcome.run) + ", postern-bench " + escape_html(version) + ".</p>\n";
    if (!outcome.repetitions.empty()) {
        out += tiles(settings, outcome);
        out += "<h2>Over time</h2>\n" + time_charts(outcome.samples);
        if (settings.goal) {
            out += "<h2>Over the rate</h2>\n" + rate_chart(outcome);
        } else {
            out += "<h2>Repetitions: " + std::to_string(outcome.repetitions.size()) + "</h2>\n" +
                   spread_table(settings, outcome);
        }
    }
    out += "<h2>In full</h2>\n<pre>" + escape_html(format_table(settings, outcome)) + "</pre>\n";
    return out + "</body></html>\n";
}

}  // namespace postern::bench
