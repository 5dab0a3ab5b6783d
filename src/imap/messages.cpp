// Sequence sets to UIDs; see messages.hpp.
#include "imap/messages.hpp"

#include <algorithm>
#include <iterator>

namespace postern::imap {
namespace {

// "*" stands for the last message's UID even if the range starts behind it.
std::vector<std::uint32_t> find_uids(const store::View& view, const SequenceSet& set) {
    std::vector<std::uint32_t> found;
    const auto& uids = view.uids();
    if (uids.empty()) return found;
    for (SequenceRange range : normalise(set, uids.back())) {
        auto first = std::lower_bound(uids.begin(), uids.end(), range.first);
        auto last = std::upper_bound(first, uids.end(), range.last);
        found.insert(found.end(), first, last);
    }
    return found;
}

// A number that is written out must exist; "4:*" of three messages is the last one, and "1:*" of
// none is none, as clients expect.
bool numbers_exist(const SequenceSet& set, std::uint32_t size) {
    return std::all_of(set.begin(), set.end(), [size](SequenceRange range) {
        if (range.first == star || range.last == star) return true;
        return range.first <= size && range.last <= size;
    });
}

// RFC 5182 §2.1: what has gone is no longer in it.
std::vector<std::uint32_t> find_saved(const store::View& view) {
    std::vector<std::uint32_t> found;
    std::set_intersection(view.saved().begin(), view.saved().end(), view.uids().begin(),
                          view.uids().end(), std::back_inserter(found));
    return found;
}

}  // namespace

Result<std::vector<std::uint32_t>> find_messages(const store::View& view, const SequenceSet& set,
                                                 Numbers numbers) {
    if (names_saved_result(set)) return find_saved(view);
    if (numbers == Numbers::uid) return find_uids(view, set);
    if (!numbers_exist(set, view.size())) return fail_syntax("No such message number");
    std::vector<std::uint32_t> found;
    for (SequenceRange range : normalise(set, view.size())) {
        std::uint32_t last = std::min(range.last, view.size());
        for (std::uint32_t n = std::min(range.first, last); n <= last && n > 0; ++n) {
            found.push_back(view.uid_at(n));
        }
    }
    return found;
}

}  // namespace postern::imap
