// See source_health.hpp.
#include "smtp/client/source_health.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {

bool SourceHealth::is_usable(const std::string& address, MonotonicTime now) const {
    const auto found = left_out_.find(address);
    return found == left_out_.end() || found->second.until <= now;
}

bool SourceHealth::has_usable(const std::vector<queue::Source>& pool, MonotonicTime now) const {
    return std::ranges::any_of(
        pool, [&](const queue::Source& source) { return is_usable(source.address, now); });
}

const queue::Source* SourceHealth::choose(const std::vector<queue::Source>& pool,
                                          MonotonicTime now) {
    if (pool.empty()) return nullptr;
    const std::size_t first = turn_++ % pool.size();
    const queue::Source* oldest = nullptr;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        const queue::Source& source = pool[(first + i) % pool.size()];
        if (is_usable(source.address, now)) return &source;
        const bool is_older = oldest == nullptr || left_out_.at(source.address).until <
                                                       left_out_.at(oldest->address).until;
        if (is_older) oldest = &source;
    }
    return oldest;
}

void SourceHealth::note_failure(const std::string& address, MonotonicTime now) {
    auto [found, is_new] = left_out_.try_emplace(address);
    LeftOut& left_out = found->second;
    left_out.pause =
        is_new ? source_pause_min : std::min(left_out.pause + left_out.pause, source_pause_max);
    left_out.until = now + left_out.pause;
    log::warning(
        "smtp.client.source_left_out",
        {{"address", address}, {"seconds", std::int64_t(left_out.pause.milliseconds() / 1'000)}});
}

}  // namespace postern::smtp::client
