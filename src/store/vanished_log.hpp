// The memory of expunges: which UIDs have gone, and with which mod-sequence, so that a client that
// was away can be told of just those (RFC 7162 §5.3). Bounded: over vanished_ranges_max the older
// half is forgotten, and whoever asks for what was before gets no answer. Kept in the index log.
// Pure data, no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace postern::store {

// first ≤ last
struct UidRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    friend bool operator==(const UidRange&, const UidRange&) = default;
};

class VanishedLog {
 public:
    struct Entry {
        std::uint64_t modseq = 0;
        UidRange uids;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    // `modseq` is not below that of any entry before it, or is taken for that.
    void add(UidRange uids, std::uint64_t modseq);
    // What happened up to `modseq` is not known any more.
    void forget_until(std::uint64_t modseq);

    // What has gone with a greater mod-sequence: ascending, no overlaps. Nothing: the memory does
    // not reach back so far.
    std::optional<std::vector<UidRange>> since(std::uint64_t modseq) const;

    std::uint64_t floor() const { return floor_; }
    std::span<const Entry> entries() const { return entries_; }
    friend bool operator==(const VanishedLog&, const VanishedLog&) = default;

 private:
    std::uint64_t floor_ = 0;
    std::vector<Entry> entries_;  // by mod-sequence
};

// Sorted, overlaps and neighbours made one.
void unite(std::vector<UidRange>& ranges);

}  // namespace postern::store
