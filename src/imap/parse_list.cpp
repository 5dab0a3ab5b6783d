// LIST and its options; see parse_list.hpp.
#include "imap/parse_list.hpp"

#include <span>

#include "base/ascii.hpp"
#include "imap/limits.hpp"
#include "imap/parse_metadata.hpp"

namespace postern::imap {
namespace {

struct Option {
    std::string_view name;
    std::uint8_t bit;
};
constexpr Option selection_options[] = {
    {"SUBSCRIBED", list_select::subscribed},           // RFC 5258 §3.1
    {"REMOTE", list_select::remote},                   //
    {"RECURSIVEMATCH", list_select::recursive_match},  //
    {"SPECIAL-USE", list_select::special_use},         // RFC 6154 §2
};
constexpr Option return_options[] = {
    {"SUBSCRIBED", list_return::subscribed},    // RFC 5258 §3.2
    {"CHILDREN", list_return::children},        // RFC 5258 §4
    {"SPECIAL-USE", list_return::special_use},  // RFC 6154 §2
    {"MYRIGHTS", list_return::my_rights},       // RFC 8440 §3 (LIST-MYRIGHTS)
};

std::uint8_t find_bit(std::span<const Option> options, std::string_view name) {
    for (const Option& option : options) {
        if (iequals(name, option.name)) return option.bit;
    }
    return 0;
}

// list-select-opts = "(" [… *(SP …)] ")"
void parse_selection(Decoder& in, ListRequest& request) {
    if (!in.take('(')) return;
    request.is_extended = true;
    while (in.ok() && !in.at(')')) {
        std::uint8_t bit = find_bit(selection_options, in.word());
        if (bit == 0) in.fail("Unknown LIST selection option");
        request.selection |= bit;
        if (!in.take(' ')) break;
    }
    in.expect(')');
    in.space();
    bool is_alone = (request.selection & list_select::criteria) == 0;
    if ((request.selection & list_select::recursive_match) != 0 && is_alone) {
        in.fail("RECURSIVEMATCH needs another selection option");
    }
    if ((request.selection & list_select::subscribed) != 0) {
        request.returned |= list_return::subscribed;
    }
}

// RFC 5258 §6: mbox-or-pat = list-mailbox / patterns
void parse_patterns(Decoder& in, ListRequest& request) {
    std::size_t bytes = request.reference.size();
    if (!in.take('(')) {
        request.patterns.push_back(in.list_mailbox());
        bytes += request.patterns.back().size();
    } else {
        request.is_extended = true;
        while (in.ok()) {
            request.patterns.push_back(in.list_mailbox());
            bytes += request.patterns.back().size() + 1;
            if (request.patterns.size() > list_patterns_max) in.fail("Too many mailbox patterns");
            if (!in.take(' ')) break;
        }
        in.expect(')');
    }
    if (bytes > list_pattern_bytes_max) in.fail("Mailbox pattern too long");
}

// list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"
void parse_returned(Decoder& in, ListRequest& request) {
    if (!in.take(' ')) return;
    request.is_extended = true;
    if (!in.take_word("RETURN")) in.fail("RETURN expected");
    in.space();
    in.expect('(');
    while (in.ok() && !in.at(')')) {
        std::string_view name = in.word();
        if (iequals(name, "STATUS")) {  // RFC 5819 §2
            in.space();
            request.status = parse_status_items(in);
        } else if (iequals(name, "METADATA")) {  // RFC 9590 §3
            in.space();
            if (!in.at('(')) in.fail("Opening parenthesis expected");
            request.metadata = parse_entries(in);
        } else {
            std::uint8_t bit = find_bit(return_options, name);
            if (bit == 0) in.fail("Unknown LIST return option");
            request.returned |= bit;
        }
        if (!in.take(' ')) break;
    }
    in.expect(')');
}

}  // namespace

// RFC 5258 §6: list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
ListRequest parse_list(Decoder& in) {
    ListRequest request;
    in.space();
    parse_selection(in, request);
    request.reference = in.mailbox();
    in.space();
    parse_patterns(in, request);
    parse_returned(in, request);
    return request;
}

}  // namespace postern::imap
