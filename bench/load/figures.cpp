// What is computed of a repetition; see figures.hpp.
#include "load/figures.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace postern::bench {
namespace {

double per(double value, std::uint64_t count) {
    return count == 0 ? 0 : value / double(count);
}
double per_second(std::uint64_t count, const Repetition& repetition) {
    return repetition.elapsed_s > 0 ? double(count) / repetition.elapsed_s : 0;
}

template <std::uint64_t Usage::* member>
double per_operation(const Repetition& repetition, const Latency&) {
    return per(double(repetition.used.*member), repetition.tally.operations);
}

template <int tenths>
double percentile_ms(const Repetition&, const Latency& latency) {
    return milliseconds_of(latency.percentile(tenths / 10.0));
}

}  // namespace

const std::vector<Figure>& all_figures() {
    using R = const Repetition&;
    using L = const Latency&;
    static const std::vector<Figure> figures = {
        {"operations_per_s", "ops/s", 1, [](R r, L) { return operations_per_s(r); },
         FigureKind::clients},
        {"items_per_s", "items/s", 1, [](R r, L) { return per_second(r.tally.items, r); },
         FigureKind::clients},
        {"p50_ms", "p50 ms", 3, percentile_ms<500>, FigureKind::clients},
        {"p90_ms", "p90 ms", 3, percentile_ms<900>, FigureKind::clients},
        {"p99_ms", "p99 ms", 3, percentile_ms<990>, FigureKind::clients},
        {"p99_9_ms", "p99.9 ms", 3, percentile_ms<999>, FigureKind::clients},
        {"max_ms", "max ms", 3, [](R, L l) { return milliseconds_of(l.largest()); },
         FigureKind::clients},
        {"cpu_s_per_1000_operations", "CPU s/1k ops", 4,
         [](R r, L) { return per(r.used.cpu_s, r.tally.operations) * 1e3; }, FigureKind::servers},
        {"cpu_s_per_1000_items", "CPU s/1k items", 4,
         [](R r, L) { return per(r.used.cpu_s, r.tally.items) * 1e3; }, FigureKind::servers},
        {"context_switches_per_operation", "switches/op", 2,
         per_operation<&Usage::context_switches>, FigureKind::servers},
        {"read_write_calls_per_operation", "reads+writes/op", 2,
         per_operation<&Usage::read_write_calls>, FigureKind::servers},
        {"written_bytes_per_operation", "dirtied B/op", 0, per_operation<&Usage::written_bytes>,
         FigureKind::servers},
        {"pss_mb", "PSS MB", 1, [](R r, L) { return double(r.used.pss_bytes) / 1e6; },
         FigureKind::servers},
        {"system_calls_per_operation", "syscalls/op", 2, per_operation<&Usage::system_calls>,
         FigureKind::system_calls},
        {"disk_flushes_per_operation", "flushes/op", 3, per_operation<&Usage::disk_flushes>,
         FigureKind::disks},
        {"disk_bytes_per_operation", "disk B/op", 0, per_operation<&Usage::disk_bytes>,
         FigureKind::disks},
    };
    return figures;
}

bool is_known(const Figure& figure, const Settings& settings, const Outcome& outcome) {
    switch (figure.kind) {
        case FigureKind::clients: return true;
        case FigureKind::servers: return knows_server(settings);
        case FigureKind::system_calls: return outcome.counted_system_calls;
        case FigureKind::disks: return !settings.server_disk.empty();
    }
    return false;
}

std::vector<std::vector<double>> figures_of(const Outcome& outcome) {
    const auto& figures = all_figures();
    std::vector<std::vector<double>> values(figures.size());
    for (const Repetition& repetition : outcome.repetitions) {
        const Latency latency = repetition.tally.all_latencies();
        for (std::size_t i = 0; i < figures.size(); ++i) {
            values[i].push_back(figures[i].of(repetition, latency));
        }
    }
    return values;
}

Spread spread_of(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    const double median =
        values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return {values.front(), median, values.back()};
}

double milliseconds_of(Duration duration) {
    return double(duration.ns) / 1e6;
}

double operations_per_s(const Repetition& repetition) {
    return per_second(repetition.tally.operations, repetition);
}

std::string number(double value, int digits) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

const char* name_of_mode(TlsMode mode) {
    switch (mode) {
        case TlsMode::none: return "plain";
        case TlsMode::starttls: return "starttls";
        case TlsMode::implicit: return "tls";
    }
    return "";
}

namespace {

std::string mix_headline(const Settings& settings) {
    std::string line;
    for (const Settings& part : split(settings)) {
        line += line.empty() ? " of " : " + ";
        line += number(part.share * 100, 0) + " % ";
        line += name_of(part.workload);
        if (!part.profile.empty()) line += " " + part.profile;
        line += " " + std::to_string(part.target.port) + " " + name_of_mode(part.target.tls);
    }
    return line + ", " + settings.target.address;
}

}  // namespace

std::string headline(const Settings& settings) {
    std::string line(name_of(settings.workload));
    if (settings.workload == Workload::mixed) {
        line += mix_headline(settings);
    } else {
        if (!settings.profile.empty()) line += " " + settings.profile;
        line += ", " + settings.target.address + ":" + std::to_string(settings.target.port) + " " +
                name_of_mode(settings.target.tls);
    }
    line += ", " + std::to_string(settings.sessions) + " sessions";
    if (settings.goal) {
        line += ", looking for the limit: p99 of " +
                number(milliseconds_of(settings.goal->p99_max), 1) + " ms";
    } else if (settings.rate_per_s > 0) {
        line += ", " + number(settings.rate_per_s, 1) + " operations/s (open loop)";
    } else {
        line += ", closed loop";
    }
    if (settings.workload == Workload::smtp || settings.workload == Workload::submit) {
        line += ", messages of " + settings.sizes.name;
        line += settings.transfer == Transfer::bdat ? ", BDAT" : ", DATA";
        line += settings.pipelining == Pipelining::on ? ", pipelined" : ", in step";
        if (settings.recipients > 1) {
            line += ", " + std::to_string(settings.recipients) + " recipients";
        }
    }
    return line;
}

}  // namespace postern::bench
