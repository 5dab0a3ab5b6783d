// Sequence sets (RFC 3501 §9 "sequence-set"): lists of message numbers or UIDs and ranges of them,
// as clients send them and as COPYUID answers them (RFC 4315 §4 "uid-set"). Pure values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::imap {

inline constexpr std::uint32_t star = 0;  // "*": the largest number in use

struct SequenceRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

// As written: any order, overlaps, star on either side.
using SequenceSet = std::vector<SequenceRange>;

// RFC 5182 §3: seq-last-command = "$" is an empty set; no other set is empty as it is read.
inline bool names_saved_result(const SequenceSet& set) {
    return set.empty();
}

// The whole of `text`. Zero, empty ranges, more than sequence_ranges_max: fail_syntax.
Result<SequenceSet> parse_sequence_set(std::string_view text);

// Stars replaced by `largest`, first ≤ last, ascending, no overlaps; with `largest` 0 (an empty
// mailbox) ranges that hold a star are left out.
SequenceSet normalise(const SequenceSet& set, std::uint32_t largest);

// Of a normalised set.
bool contains(const SequenceSet& normalised, std::uint32_t number);

// "2,4:7": neighbours in the list that follow each other become ranges; the order is kept.
std::string format_uid_set(std::span<const std::uint32_t> uids);

}  // namespace postern::imap
