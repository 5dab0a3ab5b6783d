// IMAP's view of the facts; see imap_format.hpp. RFC 3501 §6.4.5, §7.4.2, §9 (grammar beside each
// function). Recursion is bounded by mime_depth_max.
#include "message/imap_format.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

// Longer strings go as literals: clients bound the length of a line.
constexpr std::size_t quoted_bytes_max = 1'000;

void append_string(std::string& out, std::string_view text) {
    bool plain = text.size() <= quoted_bytes_max &&
                 std::all_of(text.begin(), text.end(),
                             [](char c) { return (c & 0x80) == 0 && c != '\r' && c != '\n'; });
    auto without_nul = [](char c) { return c == '\0' ? '?' : c; };
    if (!plain) {
        out += "{" + std::to_string(text.size()) + "}\r\n";
        std::transform(text.begin(), text.end(), std::back_inserter(out), without_nul);
        return;
    }
    out += '"';
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += without_nul(c);
    }
    out += '"';
}

void append_nstring(std::string& out, const std::optional<std::string>& text) {
    if (text) {
        append_string(out, *text);
    } else {
        out += "NIL";
    }
}

void append_nonempty(std::string& out, const std::string& text) {
    if (text.empty()) {
        out += "NIL";
    } else {
        append_string(out, text);
    }
}

// address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
// A group begins with a NIL host and ends with a NIL mailbox; an address without a domain has "".
void append_address(std::string& out, const Address& address) {
    if (address.kind == AddressKind::group_end) {
        out += "(NIL NIL NIL NIL)";
        return;
    }
    if (address.kind == AddressKind::group_start) {
        out += "(NIL NIL ";
        append_string(out, address.name);
        out += " NIL)";
        return;
    }
    out += '(';
    append_nonempty(out, address.name);
    out += ' ';
    append_nonempty(out, address.route);
    out += ' ';
    append_string(out, address.local_part);
    out += ' ';
    append_string(out, address.domain);
    out += ')';
}

// env-from = "(" 1*address ")" / nil, and its kin
void append_addresses(std::string& out, const std::vector<Address>& list) {
    if (list.empty()) {
        out += "NIL";
        return;
    }
    out += '(';
    for (const Address& address : list) append_address(out, address);
    out += ')';
}

// envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP
//            env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"
void append_envelope(std::string& out, const Envelope& e) {
    out += '(';
    append_nstring(out, e.date);
    out += ' ';
    append_nstring(out, e.subject);
    for (const auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) {
        out += ' ';
        append_addresses(out, *list);
    }
    out += ' ';
    append_nstring(out, e.in_reply_to);
    out += ' ';
    append_nstring(out, e.message_id);
    out += ')';
}

// body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
void append_parameters(std::string& out, const Parameters& parameters) {
    if (parameters.empty()) {
        out += "NIL";
        return;
    }
    char before = '(';
    for (const Parameter& parameter : parameters) {
        out += before;
        before = ' ';
        append_string(out, parameter.extended ? parameter.name + "*" : parameter.name);
        out += ' ';
        append_string(out, parameter.value);
    }
    out += ')';
}

// body-fld-dsp SP body-fld-lang SP body-fld-loc, the end of both kinds of extension data
void append_extension(std::string& out, const Part& part) {
    if (part.disposition) {
        out += " (";
        append_string(out, part.disposition->type);
        out += ' ';
        append_parameters(out, part.disposition->parameters);
        out += ')';
    } else {
        out += " NIL";
    }
    out += ' ';
    if (part.languages.empty()) {
        out += "NIL";
    } else if (part.languages.size() == 1) {
        append_string(out, part.languages[0]);
    } else {
        char before = '(';
        for (const std::string& language : part.languages) {
            out += before;
            before = ' ';
            append_string(out, language);
        }
        out += ')';
    }
    out += ' ';
    append_nstring(out, part.location);
}

struct Shape {
    BodyForm form;
    ImapRevision revision;
};

// RFC 9051 §9 (media-message) has GLOBAL beside RFC822, RFC 3501 has not.
bool is_shown_as_message(const Part& part, ImapRevision revision) {
    return part.kind == PartKind::message &&
           (revision == ImapRevision::rev2 || iequals(part.subtype, "rfc822"));
}

void append_body(std::string& out, const Structure& structure, std::size_t index, Shape shape);

// body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
void append_multipart(std::string& out, const Structure& structure, std::size_t index,
                      Shape shape) {
    const Part& part = structure.parts[index];
    for (std::size_t child = index + 1; child < part.subtree_end;
         child = structure.parts[child].subtree_end) {
        append_body(out, structure, child, shape);
    }
    out += ' ';
    append_string(out, part.subtype);
    if (shape.form == BodyForm::body) return;
    out += ' ';
    append_parameters(out, part.parameters);
    append_extension(out, part);
}

// body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
void append_single(std::string& out, const Structure& structure, std::size_t index, Shape shape) {
    const Part& part = structure.parts[index];
    append_string(out, part.type);
    out += ' ';
    append_string(out, part.subtype);
    out += ' ';
    append_parameters(out, part.parameters);
    out += ' ';
    append_nstring(out, part.id);
    out += ' ';
    append_nstring(out, part.description);
    out += ' ';
    append_string(out, part.encoding);
    out += ' ' + std::to_string(part.body_size);
    bool message = is_shown_as_message(part, shape.revision);
    if (message) {
        out += ' ';
        append_envelope(out, structure.envelopes[structure.parts[index + 1].envelope]);
        out += ' ';
        append_body(out, structure, index + 1, shape);
    }
    if (message || part.kind == PartKind::text) {
        out += ' ' + std::to_string(part.body_lines);
    }
    if (shape.form == BodyForm::body) return;
    out += ' ';
    append_nstring(out, part.md5);
    append_extension(out, part);
}

// body = "(" (body-type-1part / body-type-mpart) ")"
void append_body(std::string& out, const Structure& structure, std::size_t index, Shape shape) {
    out += '(';
    if (structure.parts[index].kind == PartKind::multipart) {
        append_multipart(out, structure, index, shape);
    } else {
        append_single(out, structure, index, shape);
    }
    out += ')';
}

// Where a section's numbers lead: a part, or the message itself when there are none.
struct Location {
    std::size_t part = 0;
    bool is_message = true;  // the whole message `part` is the root of, not yet a part of it
};

// The n-th child, from 1.
std::optional<std::size_t> nth_child(const Structure& structure, std::size_t index,
                                     std::uint32_t n) {
    std::size_t child = index + 1;
    for (; child < structure.parts[index].subtree_end; child = structure.parts[child].subtree_end) {
        if (--n == 0) return child;
    }
    return std::nullopt;
}

// RFC 3501 §6.4.5: a message that is no multipart has one part, 1.
std::optional<Location> locate(const Structure& structure, std::span<const std::uint32_t> numbers) {
    Location at;
    for (std::uint32_t number : numbers) {
        if (number == 0) return std::nullopt;
        if (!at.is_message && structure.parts[at.part].kind == PartKind::message) {
            at = {at.part + 1, true};
        }
        if (structure.parts[at.part].kind == PartKind::multipart) {
            auto child = nth_child(structure, at.part, number);
            if (!child) return std::nullopt;
            at = {*child, false};
        } else if (at.is_message && number == 1) {
            at.is_message = false;
        } else {
            return std::nullopt;
        }
    }
    return at;
}

}  // namespace

std::string format_string(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

std::string format_nstring(const std::optional<std::string>& text) {
    std::string out;
    append_nstring(out, text);
    return out;
}

std::string format_envelope(const Facts& facts) {
    std::string out;
    append_envelope(out, facts.structure.envelopes[0]);
    return out;
}

std::string format_body(const Facts& facts, BodyForm form, ImapRevision revision) {
    std::string out;
    append_body(out, facts.structure, 0, Shape{form, revision});
    return out;
}

std::optional<std::size_t> find_part(const Facts& facts, std::span<const std::uint32_t> numbers) {
    auto at = locate(facts.structure, numbers);
    if (!at || at->is_message) return std::nullopt;
    return at->part;
}

std::optional<ByteRange> find_section(const Facts& facts, std::span<const std::uint32_t> numbers,
                                      SectionText text) {
    auto at = locate(facts.structure, numbers);
    if (!at) return std::nullopt;
    const Part* part = &facts.structure.parts[at->part];
    if (text == SectionText::all) {
        if (at->is_message) return ByteRange{0, facts.size};
        return ByteRange{part->body_offset, part->body_size};
    }
    if (text == SectionText::mime) {
        if (at->is_message) return std::nullopt;
        return ByteRange{part->header_offset, part->header_size};
    }
    if (!at->is_message) {
        if (part->kind != PartKind::message) return std::nullopt;
        part = &facts.structure.parts[at->part + 1];
    }
    if (text == SectionText::header) return ByteRange{part->header_offset, part->header_size};
    return ByteRange{part->body_offset, part->body_size};
}

}  // namespace postern::message
