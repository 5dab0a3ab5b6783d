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
// p90, p99, p99_9, max, mean}, by_kind, rate_per_s, held, server: {cpu_s, pss_bytes, processes,
// and what all_figures() names}}], summary: {name: {min, median, max}}, limit_per_s, samples,
// not_counted, troubles, verified, exit_status.
std::string format_json(const Settings& settings, const Outcome& outcome);
std::string format_ceilings(const std::vector<Ceiling>& ceilings);

}  // namespace postern::bench
