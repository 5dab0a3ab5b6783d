// Header field iteration and subsetting; see header.hpp. Pure functions over the caller's bytes,
// safe on any shard. RFC 5322 §2.2, §4.5; RFC 9051 §6.4.5.
#include "message/header.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

bool is_empty_line(std::string_view line) {
    return line == "\r\n" || line == "\n";
}

// RFC 5322 §3.6.8: ftext is printable ASCII without ':'. 8-bit names (RFC 6532) do not exist.
bool is_field_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](char c) { return c > 0x20 && c < 0x7f && c != ':'; });
}

// RFC 5322 §4.5 (obs-optional): white space may stand before the colon.
HeaderField split_field(std::string_view raw) {
    HeaderField field{raw, {}, {}};
    std::size_t colon = raw.find(':');
    if (colon != std::string_view::npos) {
        std::string_view name = raw.substr(0, colon);
        while (!name.empty() && is_wsp(name.back())) name.remove_suffix(1);
        if (is_field_name(name)) {
            field.name = name;
            field.value = strip_line_ending(raw.substr(colon + 1));
            return field;
        }
    }
    field.value = strip_line_ending(raw);
    return field;
}

}  // namespace

std::size_t line_size(std::string_view text) {
    std::size_t end = text.find('\n');
    return end == std::string_view::npos ? text.size() : end + 1;
}

std::string_view strip_line_ending(std::string_view line) {
    if (line.ends_with('\n')) {
        line.remove_suffix(1);
        if (line.ends_with('\r')) line.remove_suffix(1);
    }
    return line;
}

// RFC 5322 §2.1: the body is separated from the header by an empty line.
std::size_t header_section_size(std::string_view message) {
    std::size_t offset = 0;
    while (offset < message.size()) {
        std::string_view line = message.substr(offset, line_size(message.substr(offset)));
        offset += line.size();
        if (is_empty_line(line)) break;
    }
    return offset;
}

// RFC 5322 §2.2.3, §4.2: folded lines belong to the field, even when they are all white space.
std::optional<HeaderField> HeaderReader::next() {
    if (rest_.empty()) return std::nullopt;
    std::size_t size = line_size(rest_);
    if (is_empty_line(rest_.substr(0, size))) {
        rest_ = {};
        return std::nullopt;
    }
    while (size < rest_.size() && is_wsp(rest_[size])) size += line_size(rest_.substr(size));
    std::string_view raw = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return split_field(raw);
}

std::optional<HeaderField> find_next_field(HeaderReader& reader, std::string_view name) {
    while (auto field = reader.next()) {
        if (iequals(field->name, name)) return field;
    }
    return std::nullopt;
}

std::optional<HeaderField> find_field(std::string_view header, std::string_view name) {
    HeaderReader reader(header);
    return find_next_field(reader, name);
}

// RFC 5322 §2.2.3: unfolding removes each CRLF that is followed by white space.
std::string unfold_value(std::string_view value) {
    value = value.substr(0, field_bytes_max);
    std::string out;
    out.reserve(value.size());
    for (char c : value) {
        if (c == '\r' || c == '\n') continue;
        out += c == '\0' ? ' ' : c;
    }
    std::string_view trimmed = trim_wsp(out);
    return trimmed.size() == out.size() ? out : std::string(trimmed);
}

std::string filter_header(std::string_view header, std::span<const std::string_view> names,
                          FieldFilter filter) {
    std::string out;
    std::size_t read = 0;
    HeaderReader reader(header);
    while (auto field = reader.next()) {
        read += field->raw.size();
        bool named = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
            return !field->name.empty() && iequals(field->name, name);
        });
        if (named == (filter == FieldFilter::only)) out += field->raw;
    }
    out += header.substr(read, line_size(header.substr(read)));  // the empty line, if there is one
    return out;
}

}  // namespace postern::message
