// When the queue tries again, how much it does at once, and when it gives up. Values that the
// administrator may set. RFC 5321 §4.5.4.1 (retry strategy, give-up time).
#pragma once

#include <cstdint>

namespace postern::queue {

// What kind of message it is, which decides the times.
enum class EntryClass : std::uint8_t { normal, bounce, priority };

struct RetryPolicy {
    std::int64_t first_retry_s = 5 * 60;  // doubled each time
    std::int64_t retry_max_s = 3 * 3600;
    std::int64_t lifetime_s = 5 * 86'400;
    std::int64_t delay_notice_s = 4 * 3600;  // 0: no notice
};

struct Policy {
    RetryPolicy normal;
    RetryPolicy bounce{10 * 60, 4 * 3600, 2 * 86'400, 0};  // null reverse-path
    RetryPolicy priority{2 * 60, 3600, 2 * 86'400, 3600};  // MT-PRIORITY above 0
    std::uint32_t concurrency_first = 5;      // attempts at once to a destination, at first
    std::uint32_t concurrency_max = 20;       // and at most
    std::uint32_t attempts_max = 400;         // at once, of one shard
    std::uint32_t starts_per_minute_max = 0;  // of one destination; 0: as many as it takes
    std::int64_t throttle_pause_s = 20;       // after a destination asked for less
    std::int64_t untried_pause_s = 60;        // after an attempt that asked nobody

    const RetryPolicy& of(EntryClass kind) const {
        if (kind == EntryClass::bounce) return bounce;
        return kind == EntryClass::priority ? priority : normal;
    }
};

// How long to wait after the `attempts`-th attempt (from 1): exponential, spread by up to a fifth
// either way. `chance` is any 32 random bits.
std::int64_t retry_delay_s(const RetryPolicy& policy, std::uint32_t attempts, std::uint32_t chance);

}  // namespace postern::queue
