// Ranges of UIDs that have gone; see vanished_log.hpp.
#include "store/vanished_log.hpp"

#include <algorithm>

#include "store/limits.hpp"

namespace postern::store {

void VanishedLog::add(UidRange uids, std::uint64_t modseq) {
    if (!entries_.empty()) {
        Entry& last = entries_.back();
        modseq = std::max(modseq, last.modseq);
        if (last.modseq == modseq && last.uids.last + 1 == uids.first) {
            last.uids.last = uids.last;
            return;
        }
    }
    entries_.push_back(Entry{modseq, uids});
    if (entries_.size() <= vanished_ranges_max) return;
    forget_until(entries_[entries_.size() / 2].modseq);
}

void VanishedLog::forget_until(std::uint64_t modseq) {
    floor_ = std::max(floor_, modseq);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.modseq <= floor_; });
}

// RFC 7162 §3.2.6: below the floor it is as if nothing was remembered.
std::optional<std::vector<UidRange>> VanishedLog::since(std::uint64_t modseq) const {
    if (modseq < floor_) return std::nullopt;
    std::vector<UidRange> ranges;
    auto first = std::partition_point(entries_.begin(), entries_.end(),
                                      [&](const Entry& entry) { return entry.modseq <= modseq; });
    for (auto at = first; at != entries_.end(); ++at) ranges.push_back(at->uids);
    unite(ranges);
    return ranges;
}

void unite(std::vector<UidRange>& ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const UidRange& a, const UidRange& b) { return a.first < b.first; });
    std::size_t kept = 0;
    for (const UidRange& range : ranges) {
        bool touches = kept > 0 && range.first <= std::uint64_t{ranges[kept - 1].last} + 1;
        if (touches) {
            ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
        } else {
            ranges[kept++] = range;
        }
    }
    ranges.resize(kept);
}

}  // namespace postern::store
