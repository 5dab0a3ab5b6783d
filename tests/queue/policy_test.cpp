// The arithmetic of retries.
#include "queue/policy.hpp"

#include <gtest/gtest.h>

namespace postern::queue {
namespace {

constexpr std::uint32_t middle_of_jitter = 512;

TEST(Policy, DelaysDoubleUpToTheirLimit) {
    const RetryPolicy policy{300, 3600, 0, 0};
    EXPECT_NEAR(double(retry_delay_s(policy, 1, middle_of_jitter)), 300, 2);
    EXPECT_NEAR(double(retry_delay_s(policy, 2, middle_of_jitter)), 600, 2);
    EXPECT_NEAR(double(retry_delay_s(policy, 4, middle_of_jitter)), 2400, 4);
    EXPECT_NEAR(double(retry_delay_s(policy, 5, middle_of_jitter)), 3600, 4);
    EXPECT_NEAR(double(retry_delay_s(policy, 4'000'000'000u, middle_of_jitter)), 3600, 4);
}

TEST(Policy, DelaysAreSpreadByAFifth) {
    const RetryPolicy policy{1000, 1000, 0, 0};
    EXPECT_EQ(retry_delay_s(policy, 1, 0), 800);
    EXPECT_EQ(retry_delay_s(policy, 1, 1023), 1200);
    EXPECT_EQ(retry_delay_s(policy, 1, ~0u), 1200);
    EXPECT_GE(retry_delay_s(RetryPolicy{0, 0, 0, 0}, 1, 0), 1);
}

}  // namespace
}  // namespace postern::queue
