// What people and programs read of a run: a table with minimum, median and maximum of the
// repetitions, and the same as JSON. Pure.
#pragma once

#include <string>
#include <vector>

#include "load/run.hpp"

namespace postern::bench {

// With its line ends; bytes that came from a server are escaped.
std::string format_table(const Settings& settings, const Outcome& outcome);
// One object, with a newline. Members: tool, version, workload, target, sessions, …,
// repetitions: [{elapsed_s, operations, operations_per_s, items, bytes, failures, latency_ms: {p50,
// p90, p99, p99_9, max, mean}, by_kind, server: {cpu_s, cpu_s_per_1000_operations,
// cpu_s_per_1000_items, context_switches_per_operation, pss_bytes, processes}}], summary: {name:
// {min, median, max}}, troubles, verified, exit_status.
std::string format_json(const Settings& settings, const Outcome& outcome);
std::string format_ceilings(const std::vector<Ceiling>& ceilings);

// Of at least one value. The median of an even number is the mean of the two in the middle.
struct Spread {
    double min = 0;
    double median = 0;
    double max = 0;
};
Spread spread_of(std::vector<double> values);

}  // namespace postern::bench
