// LimitSearch: which rate to try next when the highest that a server holds is looked for. Doubles
// while the rate holds, then halves the gap between the best that held and the least that did not
// (on a logarithmic scale). Pure.
#pragma once

#include <cstdint>

namespace postern::bench {

enum class Held : std::uint8_t { no, yes };

class LimitSearch {
 public:
    explicit LimitSearch(double first_rate_per_s) : next_(first_rate_per_s) {}

    double next_rate_per_s() const { return next_; }
    // What came of next_rate_per_s().
    void judge(Held held);
    bool is_over() const;
    // The highest rate that held; 0: none did.
    double best_per_s() const { return best_; }

 private:
    double next_;
    double best_ = 0;
    double broken_ = 0;  // the least rate that did not hold; 0: none yet
    unsigned steps_ = 0;
};

}  // namespace postern::bench
