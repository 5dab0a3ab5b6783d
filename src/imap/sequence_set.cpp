// Reading, normalising and writing sequence sets; see sequence_set.hpp.
#include "imap/sequence_set.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

// RFC 3501 §9: seq-number = nz-number / "*"
std::optional<std::uint32_t> take_number(std::string_view& text) {
    if (text.starts_with('*')) {
        text.remove_prefix(1);
        return star;
    }
    std::size_t digits = 0;
    while (digits < text.size() && is_ascii_digit(text[digits])) ++digits;
    auto number = parse_decimal32(text.substr(0, digits));
    if (!number || *number == 0) return std::nullopt;
    text.remove_prefix(digits);
    return number;
}

}  // namespace

// RFC 3501 §9: sequence-set = (seq-number / seq-range) *("," sequence-set)
Result<SequenceSet> parse_sequence_set(std::string_view text) {
    SequenceSet set;
    for (;;) {
        auto first = take_number(text);
        if (!first) return fail_syntax("Invalid message set");
        auto last = first;
        if (text.starts_with(':')) {
            text.remove_prefix(1);
            last = take_number(text);
            if (!last) return fail_syntax("Invalid message set");
        }
        if (set.size() == sequence_ranges_max) return fail_syntax("Message set too long");
        set.push_back({*first, *last});
        if (text.empty()) return set;
        if (!text.starts_with(',')) return fail_syntax("Invalid message set");
        text.remove_prefix(1);
    }
}

SequenceSet normalise(const SequenceSet& set, std::uint32_t largest) {
    SequenceSet ranges;
    ranges.reserve(set.size());
    for (SequenceRange range : set) {
        if (largest == 0 && (range.first == star || range.last == star)) continue;
        if (range.first == star) range.first = largest;
        if (range.last == star) range.last = largest;
        if (range.first > range.last) std::swap(range.first, range.last);
        ranges.push_back(range);
    }
    std::sort(ranges.begin(), ranges.end(),
              [](SequenceRange a, SequenceRange b) { return a.first < b.first; });
    std::size_t kept = 0;
    for (SequenceRange range : ranges) {
        if (kept > 0 && range.first <= ranges[kept - 1].last) {
            ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
        } else {
            ranges[kept++] = range;
        }
    }
    ranges.resize(kept);
    return ranges;
}

bool contains(const SequenceSet& normalised, std::uint32_t number) {
    auto after = std::upper_bound(normalised.begin(), normalised.end(), number,
                                  [](std::uint32_t n, SequenceRange r) { return n < r.first; });
    return after != normalised.begin() && number <= std::prev(after)->last;
}

// RFC 4315 §4: uid-set
std::string format_uid_set(std::span<const std::uint32_t> uids) {
    std::string text;
    for (std::size_t i = 0; i < uids.size();) {
        std::size_t end = i + 1;
        while (end < uids.size() && uids[end] == uids[end - 1] + 1) ++end;
        if (!text.empty()) text += ',';
        text += std::to_string(uids[i]);
        if (end - i > 1) text += ':' + std::to_string(uids[end - 1]);
        i = end;
    }
    return text;
}

}  // namespace postern::imap
