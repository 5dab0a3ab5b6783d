// What IMAP sends about a message, from its facts alone: ENVELOPE, BODY, BODYSTRUCTURE and the
// byte ranges of body sections (RFC 3501 §7.4.2, §9; RFC 9051 §7.5.2, §9). Pure functions; the
// text may hold literals and so is to be sent as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "message/facts.hpp"

namespace postern::message {

enum class BodyForm : std::uint8_t { body, body_structure };  // without and with extension data
// To a client of rev1 message/global is a part like any other; in rev2 it is a message.
enum class ImapRevision : std::uint8_t { rev1, rev2 };

std::string format_envelope(const Facts& facts);
std::string format_body(const Facts& facts, BodyForm form,
                        ImapRevision revision = ImapRevision::rev1);

// string: quoted where it may be (ASCII without CR and LF, not too long), else a literal. NUL,
// which no IMAP string can hold, becomes '?'.
std::string format_string(std::string_view text);
// nstring: NIL for nothing.
std::string format_nstring(const std::optional<std::string>& text);

struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// What a section-spec ends in; HEADER.FIELDS and HEADER.FIELDS.NOT are filter_header() over the
// range of `header`.
enum class SectionText : std::uint8_t { all, header, text, mime };

// RFC 3501 §6.4.5: BODY[1.2.HEADER] is find_section(facts, {1, 2}, header). Nothing when there is
// no such part, or it has no such text (HEADER and TEXT need a message, MIME needs a number).
std::optional<ByteRange> find_section(const Facts& facts, std::span<const std::uint32_t> numbers,
                                      SectionText text);
// The part a section number names, as an index into Structure::parts (for RFC 3516 BINARY).
std::optional<std::size_t> find_part(const Facts& facts, std::span<const std::uint32_t> numbers);

}  // namespace postern::message
