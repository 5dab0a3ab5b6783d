// search-return-opts and what they select; see search_options.hpp.
#include "imap/search_options.hpp"

#include <algorithm>

#include "imap/parse_fetch.hpp"

namespace postern::imap {
namespace {

struct OptionRow {
    std::string_view name;
    std::uint16_t bit;
};
constexpr OptionRow option_rows[] = {
    {"MIN", search_option::min},          // RFC 4731 §3.1
    {"MAX", search_option::max},          //
    {"ALL", search_option::all},          //
    {"COUNT", search_option::count},      //
    {"SAVE", search_option::save},        // RFC 5182 §2.1
    {"CONTEXT", search_option::context},  // RFC 5267 §4.2
    {"UPDATE", search_option::update},    // RFC 5267 §4.3
    {"PARTIAL", search_option::partial},  // RFC 9394 §3.1
};

// RFC 5465 §8: "UPDATE" [ "(" fetch-att *(SP fetch-att) ")" ]; its example has SP between them.
void parse_update_items(Decoder& in, SearchOptions& options) {
    Decoder ahead = in;
    ahead.take(' ');
    if (!ahead.at('(')) return;
    in = ahead;
    options.update_items = std::make_shared<const std::vector<FetchItem>>(parse_fetch_items(in));
}

void parse_option(Decoder& in, SearchOptions& options) {
    std::string_view name = in.word();
    for (const OptionRow& row : option_rows) {
        if (!iequals(name, row.name)) continue;
        if (options.has(row.bit)) in.fail("The same return option twice");
        options.bits |= row.bit;
        if (row.bit == search_option::partial) {
            in.space();
            options.partial = parse_partial_range(in);
        }
        if (row.bit == search_option::update) parse_update_items(in, options);
        return;
    }
    in.fail("Unknown return option");
}

bool is_single(std::uint16_t bits) {
    return (bits & (bits - 1)) == 0;
}

}  // namespace

SearchOptions parse_search_options(Decoder& in) {
    SearchOptions options;
    if (!in.take_word("RETURN")) return options;
    in.space();
    in.expect('(');
    if (!in.take(')')) {
        do {
            parse_option(in, options);
        } while (in.take(' '));
        in.expect(')');
    }
    in.space();
    // RFC 9394 §3.1: "either one PARTIAL, one ALL, or neither"
    if (options.has(search_option::partial) && options.has(search_option::all)) {
        in.fail("PARTIAL and ALL exclude each other");
    }
    options.extend();
    return options;
}

// RFC 9394 §4: partial-range = partial-range-first / partial-range-last
PartialRange parse_partial_range(Decoder& in) {
    PartialRange range;
    range.from_end = in.take('-');
    range.first = in.nz_number();
    in.expect(':');
    if (range.from_end) in.expect('-');
    range.last = in.nz_number();
    return range;
}

std::string format_partial_range(const PartialRange& range) {
    std::string sign = range.from_end ? "-" : "";
    return sign + std::to_string(range.first) + ":" + sign + std::to_string(range.last);
}

std::span<const std::uint32_t> select_partial(std::span<const std::uint32_t> results,
                                              const PartialRange& range) {
    std::size_t low = std::min(range.first, range.last);
    std::size_t high = std::min<std::size_t>(std::max(range.first, range.last), results.size());
    if (low > high) return {};
    std::size_t begin = range.from_end ? results.size() - high : low - 1;
    return results.subspan(begin, high - low + 1);
}

std::vector<std::uint32_t> select_returned(const std::vector<std::uint32_t>& results,
                                           const SearchOptions& options) {
    namespace option = search_option;
    bool some = options.has(option::min | option::max | option::partial) &&
                !options.has(option::all | option::count);
    if (!some || results.empty()) return results;
    auto picked = select_partial(results, options.partial);
    std::vector<std::uint32_t> returned;
    if (options.has(option::partial)) returned.assign(picked.begin(), picked.end());
    for (auto [bit, uid] :
         {std::pair(option::min, results.front()), std::pair(option::max, results.back())}) {
        bool is_there = std::find(returned.begin(), returned.end(), uid) != returned.end();
        if (options.has(bit) && !is_there) returned.push_back(uid);
    }
    return returned;
}

// RFC 4731 §1, RFC 9394 §3.1: one end of the mailbox may be enough.
SearchScan plan_scan(const SearchOptions& options) {
    namespace option = search_option;
    SearchScan scan;
    std::uint16_t wanted = options.bits & std::uint16_t(~(option::save | option::context));
    if (!options.is_extended || wanted == 0 || !is_single(wanted)) return scan;
    if (wanted == option::min || wanted == option::max) scan.enough = 1;
    if (wanted == option::max) scan.order = ScanOrder::backward;
    if (wanted == option::partial) {
        scan.enough = std::max(options.partial.first, options.partial.last);
        if (options.partial.from_end) scan.order = ScanOrder::backward;
    }
    return scan;
}

}  // namespace postern::imap
