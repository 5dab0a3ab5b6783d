// Header fields of a message, read in place (RFC 5322 §2.2). Lines end in CRLF or LF; a line that
// starts with SP or HTAB continues the field before it; the section ends after the first empty
// line. Real mail holds lines that are no fields (an mbox "From " line, garbage): they come out as
// fields without a name and never end the section. Nothing here allocates except unfold_value()
// and filter_header(), nothing fails, and every function is linear in its input.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::message {

struct HeaderField {
    std::string_view raw;    // the whole field: every line of it with its line ending
    std::string_view name;   // without the white space before ':'; empty when the line is garbage
    std::string_view value;  // after ':', still folded, without the last line ending
};

// Size of the line that starts `text`, with its line ending if it has one.
std::size_t line_size(std::string_view text);
// `line` without its CRLF or LF.
std::string_view strip_line_ending(std::string_view line);

// Size of the header section at the start of `message`, the empty line that ends it included; the
// whole size when there is none.
std::size_t header_section_size(std::string_view message);

// Gives the fields one by one; stops at the empty line or the end of the bytes.
class HeaderReader {
 public:
    explicit HeaderReader(std::string_view header) : rest_(header) {}
    std::optional<HeaderField> next();

 private:
    std::string_view rest_;
};

// The first (or next, through the reader) field with this name, compared without regard to case.
std::optional<HeaderField> find_field(std::string_view header, std::string_view name);
std::optional<HeaderField> find_next_field(HeaderReader& reader, std::string_view name);

// The value on one line: line breaks go, outer white space goes, NUL becomes SP. Cut at
// field_bytes_max.
std::string unfold_value(std::string_view value);

enum class FieldFilter : unsigned char { only, except };

// RFC 9051 §6.4.5 (HEADER.FIELDS, HEADER.FIELDS.NOT): the fields named (or not named) by `names`,
// byte for byte as they are, and the empty line if `header` has one.
std::string filter_header(std::string_view header, std::span<const std::string_view> names,
                          FieldFilter filter);

}  // namespace postern::message
