// See timeline_oracle.hpp.
#include "sim/timeline_oracle.hpp"

#include <algorithm>

namespace postern::sim {

using engine::task;

task<void> ask_timelines(Gateway* gateway, std::string address, timeline::Page* page,
                         unsigned* running) {
    timeline::Query query;
    query.text = std::move(address);
    *page = co_await gateway->timelines().find(std::move(query));
    --*running;
}

void TimelineOracle::judge(const timeline::Page& page) {
    for (const timeline::Timeline& timeline : page.timelines) {
        const auto has = [&](timeline::Kind kind) {
            return std::ranges::any_of(timeline.events, [&](const timeline::Event& event) {
                return event.kind == kind && event.time >= since_;
            });
        };
        if (!has(timeline::Kind::accepted)) continue;
        ++found_;
        if (has(timeline::Kind::filed) || has(timeline::Kind::queued)) continue;
        oracle_.complain("a timeline that ends with the message accepted");
    }
}

void TimelineOracle::judge_end() {
    if (found_ >= noted_) return;
    oracle_.complain("timelines of " + std::to_string(found_) + " messages, not " +
                     std::to_string(noted_));
}

}  // namespace postern::sim
