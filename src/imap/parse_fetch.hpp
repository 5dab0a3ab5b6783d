// What a FETCH asks for (RFC 3501 §6.4.5, §9 "fetch-att"), parsed. Pure. Each item knows the label
// under which its answer goes out, so "RFC822.TEXT" and "BODY[TEXT]" are one kind of item.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/decoder.hpp"
#include "imap/search_options.hpp"
#include "message/imap_format.hpp"

namespace postern::imap {

enum class FetchKind : std::uint8_t {
    uid,
    flags,
    internal_date,
    rfc822_size,
    envelope,
    body,
    body_structure,
    modseq,       // RFC 7162 §3.1.4.2
    save_date,    // RFC 8514 §4.2 (SAVEDATE)
    email_id,     // RFC 8474 §5.3 (OBJECTID)
    thread_id,    //
    preview,      // RFC 8970 §3 (PREVIEW)
    binary,       // RFC 3516 §4.2 (BINARY)
    binary_size,  //
    section,
};

enum class HeaderFields : std::uint8_t { all, only, except };  // HEADER.FIELDS, HEADER.FIELDS.NOT

// RFC 3501 §9: section-spec
struct Section {
    std::vector<std::uint32_t> parts;
    message::SectionText text = message::SectionText::all;
    HeaderFields fields = HeaderFields::all;
    std::vector<std::string> names;
};

// "<first.length>"
struct Partial {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};

struct FetchItem {
    FetchKind kind = FetchKind::uid;
    std::string label;
    Section section;                 // kinds section, binary, binary_size
    std::optional<Partial> partial;  // kinds section, binary
    bool marks_seen = false;         // BODY[…], RFC822, RFC822.TEXT
};

// RFC 4466 §2.4: fetch-modifiers
struct FetchModifiers {
    std::optional<std::uint64_t> changed_since;  // RFC 7162 §3.1.4.1
    bool vanished = false;                       // RFC 7162 §3.2.6
    std::optional<PartialRange> partial;         // RFC 9394 §3.3
};

// "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"; mistakes stick to `in`.
std::vector<FetchItem> parse_fetch_items(Decoder& in);
// Puts an item without arguments in front, unless it is there.
void add_item(std::vector<FetchItem>& items, FetchKind kind, std::string_view label);
bool has_item(const std::vector<FetchItem>& items, FetchKind kind);
// section-spec alone, as IMAP URLs have it.
Result<Section> parse_section_text(std::string_view text);
// HEADER.FIELDS and HEADER.FIELDS.NOT: what of `header` is asked for.
std::string filter_fields(const Section& section, std::string_view header);
// [SP "(" fetch-modifier *(SP fetch-modifier) ")"], each at most once.
FetchModifiers parse_fetch_modifiers(Decoder& in);

}  // namespace postern::imap
