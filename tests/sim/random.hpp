// The one source of chance of a simulated world: SplitMix64, the same on every machine. Whoever
// draws in a different order gets a different world, so nothing here may depend on addresses,
// on the host's clock or on the order of a hash table.
#pragma once

#include <cassert>
#include <cstdint>

#include "base/time.hpp"

namespace postern::sim {

class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    // Uniform in [0, bound).
    std::uint64_t below(std::uint64_t bound) {
        assert(bound > 0);
        return next() % bound;
    }
    // Uniform in [low, high].
    std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    Duration between(Duration low, Duration high) {
        return {std::int64_t(between(std::uint64_t(low.ns), std::uint64_t(high.ns)))};
    }
    bool chance(double probability) {
        if (probability <= 0) return false;
        return double(next() >> 11) * 0x1.0p-53 < probability;
    }
    // A generator of its own, so that one part's draws do not shift another's.
    Random fork() { return Random(next()); }

 private:
    std::uint64_t state_;
};

}  // namespace postern::sim
