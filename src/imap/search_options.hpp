// Return options of SEARCH, SORT and ESEARCH: what of the result the client wants to hear.
// RFC 4731 §3.1 (ESEARCH), RFC 5182 (SEARCHRES: SAVE), RFC 5267 §4 (CONTEXT, UPDATE), RFC 9394 §3.1
// (PARTIAL). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "imap/decoder.hpp"

namespace postern::imap {

namespace search_option {  // bits
inline constexpr std::uint16_t min = 1;
inline constexpr std::uint16_t max = 2;
inline constexpr std::uint16_t all = 4;
inline constexpr std::uint16_t count = 8;
inline constexpr std::uint16_t partial = 16;
inline constexpr std::uint16_t save = 32;
inline constexpr std::uint16_t context = 64;  // a hint, taken as none
inline constexpr std::uint16_t update = 128;
}  // namespace search_option

// RFC 9394 §4: partial-range. As it was written: either number may be the smaller one.
struct PartialRange {
    std::uint32_t first = 1;
    std::uint32_t last = 1;
    bool from_end = false;  // "-1:-100": 1 is the last result
};

struct FetchItem;

struct SearchOptions {
    bool is_extended = false;  // RETURN was there: the answer is an ESEARCH response
    std::uint16_t bits = 0;    // of search_option
    PartialRange partial;
    // RFC 5465 §7: what UPDATE tells of new messages besides; null: nothing.
    std::shared_ptr<const std::vector<FetchItem>> update_items;

    bool has(std::uint16_t option) const { return (bits & option) != 0; }
    // RFC 4731 §3.1: "If the list of result options is empty, … equivalent to (ALL)".
    void extend() {
        is_extended = true;
        if (bits == 0) bits = search_option::all;
    }
};

// ["RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" SP]
SearchOptions parse_search_options(Decoder& in);
// partial-range, for FETCH too (RFC 9394 §3.3).
PartialRange parse_partial_range(Decoder& in);
std::string format_partial_range(const PartialRange& range);  // "-1:-100"

// The results a range names; may be empty. `results` in the requested order, or with a range from
// the end at least its last ones.
std::span<const std::uint32_t> select_partial(std::span<const std::uint32_t> results,
                                              const PartialRange& range);

// Which results the answer speaks of, in their order: all of them, or with MIN, MAX and PARTIAL
// alone these (RFC 5182 §2.4, RFC 9394 §3.2).
std::vector<std::uint32_t> select_returned(const std::vector<std::uint32_t>& results,
                                           const SearchOptions& options);

// How much of the mailbox must be looked at.
enum class ScanOrder : std::uint8_t { forward, backward };
struct SearchScan {
    ScanOrder order = ScanOrder::forward;
    std::size_t enough = SIZE_MAX;            // results
    std::uint32_t messages_max = UINT32_MAX;  // to be searched, the newest of them (RFC 9738)
};
SearchScan plan_scan(const SearchOptions& options);

}  // namespace postern::imap
