// fetch-att; see parse_fetch.hpp.
#include "imap/parse_fetch.hpp"

#include <algorithm>

#include <span>

#include "base/ascii.hpp"
#include "imap/limits.hpp"
#include "message/header.hpp"

namespace postern::imap {
namespace {

struct SimpleItem {
    std::string_view name;
    FetchKind kind;
};
constexpr SimpleItem simple_items[] = {
    {"UID", FetchKind::uid},
    {"FLAGS", FetchKind::flags},
    {"INTERNALDATE", FetchKind::internal_date},
    {"RFC822.SIZE", FetchKind::rfc822_size},
    {"ENVELOPE", FetchKind::envelope},
    {"BODYSTRUCTURE", FetchKind::body_structure},
    {"MODSEQ", FetchKind::modseq},
    {"SAVEDATE", FetchKind::save_date},
    {"EMAILID", FetchKind::email_id},
    {"THREADID", FetchKind::thread_id},
};

FetchItem simple_item(FetchKind kind, std::string_view label) {
    FetchItem item;
    item.kind = kind;
    item.label = label;
    return item;
}

// RFC 3501 §6.4.5: RFC822 is BODY[], RFC822.HEADER is BODY.PEEK[HEADER], RFC822.TEXT is BODY[TEXT].
FetchItem whole_text_item(std::string_view label, message::SectionText text, bool marks_seen) {
    FetchItem item = simple_item(FetchKind::section, label);
    item.section.text = text;
    item.marks_seen = marks_seen;
    return item;
}

// header-list = "(" header-fld-name *(SP header-fld-name) ")"
std::vector<std::string> parse_header_list(Decoder& in) {
    std::vector<std::string> names;
    in.space();
    in.expect('(');
    while (in.ok()) {
        names.push_back(in.astring());
        if (names.size() > header_names_max) in.fail("Too many header fields");
        if (!in.take(' ')) break;
    }
    in.expect(')');
    return names;
}

// section-msgtext, and "MIME" where a part number stands before it.
void parse_text_name(Decoder& in, Section& section) {
    std::string_view word = in.word();
    if (iequals(word, "TEXT")) {
        section.text = message::SectionText::text;
    } else if (iequals(word, "MIME") && !section.parts.empty()) {
        section.text = message::SectionText::mime;
    } else if (iequals(word, "HEADER")) {
        section.text = message::SectionText::header;
    } else if (iequals(word, "HEADER.FIELDS") || iequals(word, "HEADER.FIELDS.NOT")) {
        section.text = message::SectionText::header;
        section.fields = iequals(word, "HEADER.FIELDS") ? HeaderFields::only : HeaderFields::except;
        section.names = parse_header_list(in);
    } else {
        in.fail("Unknown body section");
    }
}

// RFC 3501 §9: section = "[" [section-spec] "]"
Section parse_section(Decoder& in) {
    Section section;
    in.expect('[');
    if (in.take(']')) return section;
    bool more = true;
    while (in.ok() && more && in.at_digit()) {
        section.parts.push_back(in.nz_number());
        if (section.parts.size() > section_parts_max) in.fail("Section nested too deep");
        more = in.take('.');
    }
    if (more) parse_text_name(in, section);
    in.expect(']');
    return section;
}

std::string_view name_of_text(const Section& section) {
    switch (section.text) {
        case message::SectionText::all: return "";
        case message::SectionText::text: return "TEXT";
        case message::SectionText::mime: return "MIME";
        case message::SectionText::header: break;
    }
    switch (section.fields) {
        case HeaderFields::all: return "HEADER";
        case HeaderFields::only: return "HEADER.FIELDS";
        case HeaderFields::except: break;
    }
    return "HEADER.FIELDS.NOT";
}

std::string format_field_name(const std::string& name) {
    for (char c : name) {
        if (!is_astring_char(c)) return message::format_string(name);
    }
    return name.empty() ? "\"\"" : name;
}

// The section as it is repeated in the answer.
std::string format_section(const Section& section) {
    std::string text;
    for (std::uint32_t part : section.parts) {
        if (!text.empty()) text += '.';
        text += std::to_string(part);
    }
    std::string_view name = name_of_text(section);
    if (!name.empty() && !text.empty()) text += '.';
    text += name;
    if (section.fields != HeaderFields::all) {
        std::string_view separator = " (";
        for (const auto& field : section.names) {
            text += separator;
            text += format_field_name(field);
            separator = " ";
        }
        text += ')';
    }
    return text;
}

// RFC 9051 §9: partial = "<" number64 "." nz-number64 ">"
void parse_partial(Decoder& in, FetchItem& item) {
    if (!in.take('<')) return;
    Partial partial;
    partial.first = in.number64();
    in.expect('.');
    partial.length = in.number64();
    if (in.ok() && partial.length == 0) in.fail("Number must not be zero");
    in.expect('>');
    item.partial = partial;
    item.label += "<" + std::to_string(partial.first) + ">";
}

// RFC 3516 §7: section-binary = "[" [section-part] "]"; "BINARY", "BINARY.PEEK", "BINARY.SIZE"
FetchItem parse_binary(Decoder& in, FetchKind kind, bool marks_seen) {
    FetchItem item;
    item.kind = kind;
    item.marks_seen = marks_seen;
    item.section = parse_section(in);
    if (item.section.text != message::SectionText::all) in.fail("Part number expected");
    item.label = kind == FetchKind::binary ? "BINARY[" : "BINARY.SIZE[";
    item.label += format_section(item.section) + "]";
    if (kind == FetchKind::binary) parse_partial(in, item);
    return item;
}

// RFC 8970 §6: "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"]. LAZY changes nothing: there is
// no preview that would not be at hand.
FetchItem parse_preview(Decoder& in) {
    Decoder ahead = in;
    if (ahead.take(' ') && ahead.take('(') && ahead.take_word("LAZY")) {
        in = ahead;
        in.expect(')');
    }
    return simple_item(FetchKind::preview, "PREVIEW");
}

// "BODY" section ["<" number "." nz-number ">"], and the same with "BODY.PEEK"
FetchItem parse_body_section(Decoder& in, bool marks_seen) {
    FetchItem item;
    item.kind = FetchKind::section;
    item.marks_seen = marks_seen;
    item.section = parse_section(in);
    item.label = "BODY[" + format_section(item.section) + "]";
    parse_partial(in, item);
    return item;
}

FetchItem parse_fetch_item(Decoder& in) {
    std::string_view name = in.word();
    for (const auto& simple : simple_items) {
        if (iequals(name, simple.name)) return simple_item(simple.kind, simple.name);
    }
    if (iequals(name, "BODY")) {
        return in.at('[') ? parse_body_section(in, true) : simple_item(FetchKind::body, "BODY");
    }
    if (iequals(name, "BODY.PEEK")) return parse_body_section(in, false);
    if (iequals(name, "BINARY")) return parse_binary(in, FetchKind::binary, true);
    if (iequals(name, "BINARY.PEEK")) return parse_binary(in, FetchKind::binary, false);
    if (iequals(name, "BINARY.SIZE")) return parse_binary(in, FetchKind::binary_size, false);
    if (iequals(name, "PREVIEW")) return parse_preview(in);
    using message::SectionText;
    if (iequals(name, "RFC822")) return whole_text_item("RFC822", SectionText::all, true);
    if (iequals(name, "RFC822.TEXT"))
        return whole_text_item("RFC822.TEXT", SectionText::text, true);
    if (iequals(name, "RFC822.HEADER")) {
        return whole_text_item("RFC822.HEADER", SectionText::header, false);
    }
    in.fail("Unknown FETCH item");
    return {};
}

// RFC 3501 §6.4.5: the macros ALL, FAST and FULL stand alone.
bool parse_macro(Decoder& in, std::vector<FetchItem>& items) {
    constexpr SimpleItem parts[] = {{"FLAGS", FetchKind::flags},
                                    {"INTERNALDATE", FetchKind::internal_date},
                                    {"RFC822.SIZE", FetchKind::rfc822_size},
                                    {"ENVELOPE", FetchKind::envelope},
                                    {"BODY", FetchKind::body}};
    std::size_t count = 0;
    if (in.take_word("FAST"))
        count = 3;
    else if (in.take_word("ALL"))
        count = 4;
    else if (in.take_word("FULL"))
        count = 5;
    for (const auto& part : std::span(parts).first(count)) {
        items.push_back(simple_item(part.kind, part.name));
    }
    return count > 0;
}

}  // namespace

std::vector<FetchItem> parse_fetch_items(Decoder& in) {
    std::vector<FetchItem> items;
    if (parse_macro(in, items)) return items;
    if (!in.take('(')) {
        items.push_back(parse_fetch_item(in));
        return items;
    }
    while (in.ok()) {
        items.push_back(parse_fetch_item(in));
        if (items.size() > fetch_items_max) in.fail("Too many FETCH items");
        if (!in.take(' ')) break;
    }
    in.expect(')');
    return items;
}

Result<Section> parse_section_text(std::string_view text) {
    std::string bracketed = "[" + std::string(text) + "]";
    Decoder in(bracketed);
    Section section = parse_section(in);
    if (auto end = in.finish(); !end) return Failure(end.error());
    return section;
}

bool has_item(const std::vector<FetchItem>& items, FetchKind kind) {
    return std::any_of(items.begin(), items.end(),
                       [kind](const FetchItem& item) { return item.kind == kind; });
}

void add_item(std::vector<FetchItem>& items, FetchKind kind, std::string_view label) {
    if (has_item(items, kind)) return;
    FetchItem item;
    item.kind = kind;
    item.label = label;
    items.insert(items.begin(), std::move(item));
}

// RFC 3501 §6.4.5
std::string filter_fields(const Section& section, std::string_view header) {
    std::vector<std::string_view> names(section.names.begin(), section.names.end());
    auto filter = section.fields == HeaderFields::only ? message::FieldFilter::only
                                                       : message::FieldFilter::except;
    return message::filter_header(header, names, filter);
}

// RFC 7162 §7: chgsince-fetch-mod = "CHANGEDSINCE" SP mod-sequence-value; rexpunges-fetch-mod =
// "VANISHED"
FetchModifiers parse_fetch_modifiers(Decoder& in) {
    FetchModifiers modifiers;
    if (!in.take(' ')) return modifiers;
    in.expect('(');
    while (in.ok()) {
        std::string_view name = in.word();
        if (iequals(name, "CHANGEDSINCE") && !modifiers.changed_since) {
            in.space();
            modifiers.changed_since = in.number64();
            if (modifiers.changed_since == 0u) in.fail("Mod-sequence must not be zero");
        } else if (iequals(name, "VANISHED") && !modifiers.vanished) {
            modifiers.vanished = true;
        } else if (iequals(name, "PARTIAL") && !modifiers.partial) {
            in.space();
            modifiers.partial = parse_partial_range(in);
        } else {
            in.fail("Unknown FETCH modifier");
        }
        if (!in.take(' ')) break;
    }
    in.expect(')');
    if (modifiers.vanished && !modifiers.changed_since) {
        in.fail("VANISHED needs CHANGEDSINCE");
    }
    return modifiers;
}

}  // namespace postern::imap
