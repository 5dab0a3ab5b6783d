// sort-criteria and thread-alg; see parse_sort.hpp.
#include "imap/parse_sort.hpp"

#include "base/ascii.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

struct SortKeyRow {
    std::string_view name;
    SortKey key;
};
constexpr SortKeyRow sort_key_rows[] = {
    {"ARRIVAL", SortKey::arrival},
    {"CC", SortKey::cc},
    {"DATE", SortKey::date},
    {"DISPLAYFROM", SortKey::display_from},  // RFC 5957 §4
    {"DISPLAYTO", SortKey::display_to},      // RFC 5957 §4
    {"FROM", SortKey::from},
    {"SIZE", SortKey::size},
    {"SUBJECT", SortKey::subject},
    {"TO", SortKey::to},
};

// sort-criterion = ["REVERSE" SP] sort-key
SortCriterion parse_criterion(Decoder& in) {
    SortCriterion criterion;
    criterion.is_reverse = in.take_word("REVERSE");
    if (criterion.is_reverse) in.space();
    std::string_view name = in.word();
    for (const SortKeyRow& row : sort_key_rows) {
        if (!iequals(name, row.name)) continue;
        criterion.key = row.key;
        return criterion;
    }
    in.fail("Unknown sort key");
    return criterion;
}

}  // namespace

std::vector<SortCriterion> parse_sort_criteria(Decoder& in) {
    std::vector<SortCriterion> criteria;
    in.expect('(');
    while (in.ok()) {
        criteria.push_back(parse_criterion(in));
        if (criteria.size() > sort_criteria_max) in.fail("Too many sort criteria");
        if (!in.take(' ')) break;
    }
    in.expect(')');
    return criteria;
}

ThreadAlgorithm parse_thread_algorithm(Decoder& in) {
    std::string_view name = in.word();
    if (iequals(name, "ORDEREDSUBJECT")) return ThreadAlgorithm::ordered_subject;
    if (iequals(name, "REFERENCES")) return ThreadAlgorithm::references;
    if (!iequals(name, "REFS")) in.fail("Unknown thread algorithm");
    return ThreadAlgorithm::refs;
}

}  // namespace postern::imap
