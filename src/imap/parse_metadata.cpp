// Entries and options; see parse_metadata.hpp.
#include "imap/parse_metadata.hpp"

#include "base/ascii.hpp"
#include "imap/limits.hpp"
#include "store/annotations.hpp"

namespace postern::imap {
namespace {

Depth parse_depth(Decoder& in) {
    if (in.take_word("0")) return Depth::zero;
    if (in.take_word("1")) return Depth::one;
    if (!in.take_word("infinity")) in.fail("Unknown DEPTH");
    return Depth::infinity;
}

}  // namespace

MetadataOptions parse_metadata_options(Decoder& in) {
    MetadataOptions options;
    options.is_given = true;
    in.expect('(');
    while (in.ok()) {
        std::string_view name = in.word();
        in.space();
        if (iequals(name, "MAXSIZE")) {
            options.max_size_bytes = in.number();
        } else if (iequals(name, "DEPTH")) {
            options.depth = parse_depth(in);
        } else {
            in.fail("Unknown GETMETADATA option");
        }
        if (!in.take(' ')) break;
    }
    in.expect(')');
    return options;
}

std::string parse_entry(Decoder& in) {
    std::string entry = to_lower(in.astring());
    if (!in.ok()) return {};
    bool is_placed = entry.starts_with("/private/") || entry.starts_with("/shared/");
    if (!is_placed || !store::is_annotation_name(entry)) in.fail("Invalid entry name");
    return entry;
}

std::vector<std::string> parse_entries(Decoder& in) {
    std::vector<std::string> entries;
    if (!in.take('(')) {
        entries.push_back(parse_entry(in));
        return entries;
    }
    while (in.ok()) {
        entries.push_back(parse_entry(in));
        if (entries.size() > metadata_entries_max) in.fail("Too many entries");
        if (!in.take(' ')) break;
    }
    in.expect(')');
    return entries;
}

}  // namespace postern::imap
