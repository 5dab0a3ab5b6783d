// The search; see limit_search.hpp.
#include "load/limit_search.hpp"

#include <cmath>

#include "load/limits.hpp"

namespace postern::bench {

void LimitSearch::judge(Held held) {
    (held == Held::yes ? best_ : broken_) = next_;
    ++steps_;
    if (broken_ == 0) {
        next_ = best_ * 2;
    } else if (best_ == 0) {
        next_ = broken_ / 2;
    } else {
        next_ = std::sqrt(best_ * broken_);
    }
}

bool LimitSearch::is_over() const {
    if (steps_ >= limit_steps_max) return true;
    if (next_ < 1 || next_ > rate_per_s_max) return true;
    return best_ > 0 && broken_ > 0 && broken_ / best_ <= limit_ratio;
}

}  // namespace postern::bench
