// What a SORT sorts by and how a THREAD threads. RFC 5256 §5 (sort-criteria, thread-alg), RFC 5957
// §5 (SORT=DISPLAY). Pure; mistakes stick to the decoder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "imap/decoder.hpp"

namespace postern::imap {

enum class SortKey : std::uint8_t {
    arrival,
    cc,
    date,
    display_from,
    display_to,
    from,
    size,
    subject,
    to,
};

struct SortCriterion {
    SortKey key = SortKey::arrival;
    bool is_reverse = false;
};

// "(" sort-criterion *(SP sort-criterion) ")", at most sort_criteria_max.
std::vector<SortCriterion> parse_sort_criteria(Decoder& in);

// RFC 5256 §3; REFS is draft-ietf-morg-inthread's: REFERENCES without subjects.
enum class ThreadAlgorithm : std::uint8_t { ordered_subject, references, refs };
ThreadAlgorithm parse_thread_algorithm(Decoder& in);

}  // namespace postern::imap
