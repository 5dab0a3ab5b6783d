// How long operations took: a histogram with buckets of constant relative width, as HDR histograms
// have, over Boost.Histogram. From 1 µs to 1,000 s with an error of at most 0.1 %; what lies
// outside counts as the nearest end, but the largest value is kept exactly. One shard's at a time;
// those of several are merged when they have ended. Not copied: 160 KB.
#pragma once

#include <cstdint>
#include <memory>

#include "base/time.hpp"

namespace postern::bench {

class Latency {
 public:
    Latency();
    Latency(Latency&& other) noexcept;
    Latency& operator=(Latency&& other) noexcept;
    ~Latency();

    void record(Duration value);
    void merge(const Latency& other);

    std::uint64_t count() const;
    Duration largest() const;  // 0 of nothing
    Duration mean() const;
    // The value that `percent` of all values do not exceed; 0 of nothing.
    Duration percentile(double percent) const;

 private:
    struct Buckets;
    std::unique_ptr<Buckets> buckets_;
};

}  // namespace postern::bench
