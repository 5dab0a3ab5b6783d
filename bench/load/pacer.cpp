// The order of beginnings; see pacer.hpp.
#include "load/pacer.hpp"

#include <algorithm>

#include "engine/event.hpp"
#include "engine/limits.hpp"
#include "engine/shard.hpp"

namespace postern::bench {

MonotonicTime Pacer::due(std::uint64_t number) const {
    return pace_.start + nanoseconds(std::int64_t(double(number) * 1e9 / pace_.rate_per_s));
}

engine::task<std::optional<MonotonicTime>> Pacer::next() {
    engine::Kernel& kernel = engine::Shard::current().kernel();
    if (pace_.count_max != 0 && begun_ == pace_.count_max) co_return std::nullopt;
    MonotonicTime now = kernel.now();
    if (pace_.rate_per_s == 0) {
        if (now >= pace_.end) co_return std::nullopt;
        ++begun_;
        co_return now;
    }
    const MonotonicTime moment = due(begun_);
    if (moment >= pace_.end) co_return std::nullopt;
    ++begun_;
    if (moment <= now) co_return moment;
    auto slept = co_await engine::sleep_until(moment);
    if (!slept) co_return std::nullopt;
    now = kernel.now();
    co_return std::clamp(now, moment, moment + nanoseconds(engine::timer_tick_ns));
}

}  // namespace postern::bench
