// See queue_times.hpp.
#include "app/queue_times.hpp"

#include <algorithm>

namespace postern::app {
namespace {

queue::RetryPolicy retry_policy(const RetryTimes& times) {
    return {times.first_retry_s, times.retry_max_s, times.lifetime_s, times.delay_notice_s};
}

}  // namespace

queue::Policy queue_policy(const RetrySettings& settings) {
    queue::Policy policy;
    policy.normal = retry_policy(settings.normal);
    policy.bounce = retry_policy(settings.bounce);
    policy.priority = retry_policy(settings.priority);
    // Priority mail is never the slower one.
    policy.priority.first_retry_s =
        std::min(policy.priority.first_retry_s, policy.normal.first_retry_s);
    policy.concurrency_max = settings.attempts_at_once_max;
    policy.concurrency_first = std::min(policy.concurrency_first, policy.concurrency_max);
    policy.starts_per_minute_max = settings.attempts_per_minute_max;
    return policy;
}

}  // namespace postern::app
