// Interval: what one shard did since somebody last looked, for the progress line and the charts
// over time; and what came of looking. Values.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "load/latency.hpp"

namespace postern::bench {

struct Interval {
    std::uint64_t operations = 0;
    std::uint64_t failures = 0;
    Latency latency;

    void record(Duration took) {
        ++operations;
        latency.record(took);
    }
    void merge(const Interval& other) {
        operations += other.operations;
        failures += other.failures;
        latency.merge(other.latency);
    }
};

// One point of the charts.
struct Sample {
    double at_s = 0;  // since the run began
    double operations_per_s = 0;
    std::uint64_t failures = 0;
    double p50_ms = 0;
    double p90_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
    std::uint64_t server_pss_bytes = 0;  // 0: not known
};

}  // namespace postern::bench
