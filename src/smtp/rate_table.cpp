// See rate_table.hpp.
#include "smtp/rate_table.hpp"

#include <algorithm>

namespace postern::smtp {

const RateTable::Entry* RateTable::find(std::string_view name, std::int64_t now_s) const {
    const auto found = entries_.find(std::string(name));
    if (found == entries_.end() || found->second.began_s + window_s_ <= now_s) return nullptr;
    return &found->second;
}

void RateTable::make_room(std::int64_t now_s) {
    if (entries_.size() < entries_max_) return;
    std::erase_if(entries_,
                  [&](const auto& entry) { return entry.second.began_s + window_s_ <= now_s; });
    // A quarter at once, so that a flood of names does not walk the table for each.
    for (std::size_t i = entries_max_ / 4 + 1; i > 0 && entries_.size() >= entries_max_ * 3 / 4;
         --i) {
        entries_.erase(entries_.begin());
    }
}

std::uint64_t RateTable::add(std::string_view name, std::uint64_t amount, std::int64_t now_s) {
    const std::string key(name);
    auto found = entries_.find(key);
    if (found == entries_.end()) {
        make_room(now_s);
        found = entries_.emplace(key, Entry{now_s, 0}).first;
    }
    Entry& entry = found->second;
    if (entry.began_s + window_s_ <= now_s) entry = {now_s, 0};
    return entry.sum += amount;
}

void RateTable::restore(std::string_view name, std::int64_t began_s, std::uint64_t sum,
                        std::int64_t now_s) {
    began_s = std::min(began_s, now_s);
    if (began_s + window_s_ <= now_s) return;
    add(name, sum, now_s);
    Entry& entry = entries_.find(std::string(name))->second;
    entry.began_s = std::min(entry.began_s, began_s);
}

std::uint64_t RateTable::sum(std::string_view name, std::int64_t now_s) const {
    const Entry* entry = find(name, now_s);
    return entry == nullptr ? 0 : entry->sum;
}

std::int64_t RateTable::began_s(std::string_view name, std::int64_t now_s) const {
    const Entry* entry = find(name, now_s);
    return entry == nullptr ? -1 : entry->began_s;
}

}  // namespace postern::smtp
