// Which rates find-limit tries, against servers that hold a known rate.
#include "load/limit_search.hpp"

#include <gtest/gtest.h>

#include "load/limits.hpp"

namespace postern::bench {
namespace {

struct Searched {
    double best = 0;
    unsigned steps = 0;
    double highest_tried = 0;
};

Searched search_for(double limit, double first) {
    LimitSearch search(first);
    Searched searched;
    while (!search.is_over()) {
        const double rate = search.next_rate_per_s();
        searched.highest_tried = std::max(searched.highest_tried, rate);
        search.judge(rate <= limit ? Held::yes : Held::no);
        ++searched.steps;
    }
    searched.best = search.best_per_s();
    return searched;
}

TEST(LimitSearch, FindsTheLimitFromBelowAndAbove) {
    for (const double first : {1.0, 100.0, 7000.0, 100'000.0}) {
        const Searched searched = search_for(7345, first);
        EXPECT_LE(searched.best, 7345) << first;
        EXPECT_GE(searched.best * limit_ratio, 7345) << first;
        EXPECT_LT(searched.steps, limit_steps_max);
    }
}

TEST(LimitSearch, NeverTriesMoreThanTwiceWhatHeld) {
    EXPECT_LE(search_for(1000, 10).highest_tried, 2000);
}

TEST(LimitSearch, AServerThatHoldsNothingEndsIt) {
    const Searched searched = search_for(0, 100);
    EXPECT_EQ(searched.best, 0);
    EXPECT_LT(searched.steps, limit_steps_max);
}

TEST(LimitSearch, AServerThatHoldsEverythingEndsIt) {
    const Searched searched = search_for(1e12, 100);
    EXPECT_GT(searched.best, rate_per_s_max / 2);
    EXPECT_LE(searched.highest_tried, rate_per_s_max);
}

}  // namespace
}  // namespace postern::bench
