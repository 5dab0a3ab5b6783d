// See queue_times.hpp.
#include "app/queue_times.hpp"

#include <algorithm>

namespace postern::app {

queue::Policy queue_policy(const RetrySettings& settings) {
    queue::Policy policy;
    policy.normal = {settings.first_retry_s, settings.retry_max_s, settings.lifetime_s,
                     settings.delay_notice_s};
    policy.bounce = {settings.bounce_first_retry_s, settings.bounce_retry_max_s,
                     settings.bounce_lifetime_s, 0};
    // Priority mail is never the slower one.
    policy.priority = {std::min(settings.priority_first_retry_s, settings.first_retry_s),
                       settings.priority_retry_max_s, settings.priority_lifetime_s,
                       settings.priority_delay_notice_s};
    policy.concurrency_max = settings.attempts_at_once_max;
    policy.concurrency_first = std::min(policy.concurrency_first, policy.concurrency_max);
    policy.starts_per_minute_max = settings.attempts_per_minute_max;
    return policy;
}

}  // namespace postern::app
