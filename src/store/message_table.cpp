// The message table; see message_table.hpp.
#include "store/message_table.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace postern::store {

namespace {

constexpr std::size_t room_for(std::size_t messages) {
    return messages + messages / 8 + 8;
}

}  // namespace

void MessageTable::shrink() {
    if (records_.capacity() > room_for(records_.size())) records_.shrink_to_fit();
}

std::size_t MessageTable::lower_bound(std::uint32_t uid) const {
    auto at =
        std::lower_bound(records_.begin(), records_.end(), uid,
                         [](const Record& record, std::uint32_t u) { return record.uid < u; });
    return static_cast<std::size_t>(at - records_.begin());
}

const Record* MessageTable::find(std::uint32_t uid) const {
    auto at = lower_bound(uid);
    return at < records_.size() && records_[at].uid == uid ? &records_[at] : nullptr;
}

Record* MessageTable::find(std::uint32_t uid) {
    return const_cast<Record*>(std::as_const(*this).find(uid));
}

void MessageTable::push_back(const Record& record) {
    assert(record.uid > last_uid());
    // By an eighth, not twofold: 63 bytes a message at most.
    if (records_.size() == records_.capacity()) records_.reserve(room_for(records_.size()));
    records_.push_back(record);
}

void MessageTable::erase(const std::vector<std::uint32_t>& ascending) {
    if (ascending.empty()) return;
    auto next = ascending.begin();
    auto keep = records_.begin() + static_cast<std::ptrdiff_t>(lower_bound(*next));
    for (auto at = keep; at != records_.end(); ++at) {
        if (next != ascending.end() && at->uid == *next) {
            ++next;
        } else {
            *keep++ = *at;
        }
    }
    assert(next == ascending.end());
    records_.erase(keep, records_.end());
}

}  // namespace postern::store
