// What has gone while a client was away; see vanished.hpp.
#include "imap/vanished.hpp"

#include <algorithm>

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::size_t piece_bytes = 4 * 1024;

// All of `known` that is not in the mailbox: when the memory does not reach back.
std::vector<store::UidRange> missing_from(const store::View& view, const SequenceSet& known) {
    std::vector<store::UidRange> missing;
    for (SequenceRange range : known) {
        std::uint32_t next = range.first;
        std::size_t at = view.lower_bound(range.first);
        for (; at < view.size() && view.uids()[at] <= range.last; ++at) {
            std::uint32_t uid = view.uids()[at];
            if (uid > next) missing.push_back({next, uid - 1});
            next = uid + 1;
        }
        if (next <= range.last) missing.push_back({next, range.last});
    }
    return missing;
}

// Both ascending and without overlaps.
std::vector<store::UidRange> intersect(const std::vector<store::UidRange>& gone,
                                       const SequenceSet& known) {
    std::vector<store::UidRange> both;
    auto at = known.begin();
    for (const store::UidRange& range : gone) {
        while (at != known.end() && at->last < range.first) ++at;
        for (auto k = at; k != known.end() && k->first <= range.last; ++k) {
            both.push_back({std::max(range.first, k->first), std::min(range.last, k->last)});
        }
    }
    return both;
}

// What the client still has as a message is told by a VANISHED of the other kind (§3.2.10).
std::vector<store::UidRange> without_visible(const store::View& view,
                                             const std::vector<store::UidRange>& ranges) {
    SequenceSet set;
    for (const store::UidRange& range : ranges) set.push_back({range.first, range.last});
    return missing_from(view, set);
}

// The numbers of a set one by one, in the order it was written.
class Numbers32 {
 public:
    explicit Numbers32(const SequenceSet& set) : set_(set) {}
    std::uint32_t next() {  // 0: no more
        while (at_ < set_.size()) {
            const SequenceRange& range = set_[at_];
            std::uint64_t number = std::uint64_t{range.first} + offset_;
            if (number <= range.last) {
                ++offset_;
                return std::uint32_t(number);
            }
            ++at_;
            offset_ = 0;
        }
        return 0;
    }

 private:
    const SequenceSet& set_;
    std::size_t at_ = 0;
    std::uint64_t offset_ = 0;
};

// RFC 7162 §3.2.5.2: the last UID up to which client and mailbox agree; 0: none.
std::uint32_t last_agreed_uid(const store::View& view, const KnownSequences& sequences) {
    std::uint32_t agreed = 0;
    Numbers32 numbers(sequences.numbers);
    Numbers32 uids(sequences.uids);
    for (;;) {
        std::uint32_t number = numbers.next();
        std::uint32_t uid = uids.next();
        if (number == 0 || uid == 0 || number > view.size() || view.uid_at(number) != uid) break;
        agreed = uid;
    }
    return agreed;
}

}  // namespace

std::vector<store::UidRange> find_vanished(const store::View& view, const SequenceSet& known_uids,
                                           std::uint64_t modseq, const KnownSequences* sequences) {
    std::uint32_t last = view.mailbox().status().uid_next - 1;
    if (last == 0) return {};
    SequenceSet known = known_uids.empty() ? SequenceSet{{1, last}} : normalise(known_uids, last);
    std::erase_if(known, [last](const SequenceRange& range) { return range.first > last; });
    if (!known.empty()) known.back().last = std::min(known.back().last, last);
    auto gone = view.mailbox().vanished_since(modseq);
    if (gone) return without_visible(view, intersect(*gone, known));
    std::uint32_t agreed = sequences != nullptr ? last_agreed_uid(view, *sequences) : 0;
    std::erase_if(known, [agreed](const SequenceRange& range) { return range.last <= agreed; });
    if (!known.empty()) known.front().first = std::max(known.front().first, agreed + 1);
    return missing_from(view, known);
}

task<Result<void>> write_vanished(Session& session, std::vector<store::UidRange> ranges) {
    if (ranges.empty()) co_return {};
    std::string text = "* VANISHED (EARLIER) ";
    bool is_first = true;
    for (const store::UidRange& range : ranges) {
        if (!is_first) text += ',';
        is_first = false;
        text += std::to_string(range.first);
        if (range.last > range.first) text += ':' + std::to_string(range.last);
        if (text.size() < piece_bytes) continue;
        session.stream().write(text);
        text.clear();
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    text += "\r\n";
    session.stream().write(text);
    co_return co_await session.stream().flush_if_full(session.output_deadline());
}

}  // namespace postern::imap
