// The arithmetic of waiting; see policy.hpp.
#include "queue/policy.hpp"

#include <algorithm>

namespace postern::queue {

std::int64_t retry_delay_s(const RetryPolicy& policy, std::uint32_t attempts,
                           std::uint32_t chance) {
    std::int64_t delay = std::max<std::int64_t>(1, policy.first_retry_s);
    for (std::uint32_t i = 1; i < attempts && delay < policy.retry_max_s; ++i) delay *= 2;
    delay = std::min(delay, std::max<std::int64_t>(1, policy.retry_max_s));
    const std::int64_t spread = delay * 2 / 5;
    return std::max<std::int64_t>(1, delay - spread / 2 + spread * (chance % 1024) / 1023);
}

}  // namespace postern::queue
