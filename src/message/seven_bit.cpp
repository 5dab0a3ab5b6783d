// Encoding parts in place; see seven_bit.hpp. The structure gives the offsets; what changes is a
// list of edits in the order of the message, and everything between them is copied.
#include "message/seven_bit.hpp"

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/hex.hpp"
#include "message/header.hpp"
#include "message/structure.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::message {
namespace {

constexpr std::size_t encoded_line_bytes_max = 76;   // RFC 2045 §6.7 (5), §6.8
constexpr std::size_t base64_line_input_bytes = 57;  // 76 characters
constexpr std::size_t plain_line_bytes_max = 998;    // RFC 5322 §2.1.1

struct Edit {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::string text;
};

// Whether a body may not travel as it is: 8-bit, NUL, long lines, CR or LF on its own.
bool must_be_encoded(std::string_view body) {
    std::size_t line = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const char c = body[i];
        if (c == '\0' || static_cast<unsigned char>(c) >= 0x80) return true;
        if (c == '\r' && (i + 1 == body.size() || body[i + 1] != '\n')) return true;
        if (c == '\n') {
            if (i == 0 || body[i - 1] != '\r') return true;
            line = 0;
        } else if (++line > plain_line_bytes_max + 1) {
            return true;
        }
    }
    return false;
}

std::string without_field(std::string_view header, std::string_view name) {
    const std::string_view names[] = {name};
    return filter_header(header, names, FieldFilter::except);
}

// Puts fields (with their CRLF) before the empty line at the end of a header. False: there is none.
bool add_fields(std::string& header, std::string_view fields) {
    if (!header.ends_with("\r\n")) return false;
    const std::size_t end = header.size() - 2;
    if (end > 0 && header[end - 1] != '\n') return false;
    header.insert(end, fields);
    return true;
}

bool is_identity(const Part& part) {
    return parse_transfer_encoding(part.encoding) == TransferEncoding::identity;
}

// RFC 6532 §3.7: of an encapsulated message only message/global may be encoded.
bool is_encoded_whole(const Part& part) {
    if (part.kind == PartKind::message) return iequals(part.subtype, "global");
    return part.kind != PartKind::multipart;
}

// The edits of one part. False: it cannot be converted.
bool edit_part(std::string_view message, const Part& part, bool is_root, std::vector<Edit>& edits) {
    const bool is_leaf = is_encoded_whole(part);
    if (!is_identity(part)) return true;
    const std::string_view body = message.substr(part.body_offset, part.body_size);
    if (is_leaf && !must_be_encoded(body)) return true;
    const std::string_view before = message.substr(part.header_offset, part.header_size);
    std::string header = without_field(before, "Content-Transfer-Encoding");
    if (!is_leaf) {  // whatever it said, it is 7bit now
        edits.push_back({part.header_offset, part.header_size, std::move(header)});
        return true;
    }
    const bool is_text = part.kind == PartKind::text;
    std::string fields = is_text ? "Content-Transfer-Encoding: quoted-printable\r\n"
                                 : "Content-Transfer-Encoding: base64\r\n";
    if (is_root && !find_field(before, "MIME-Version")) {
        header = without_field(header, "Content-Type");
        fields = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n" + fields;
    }
    if (!add_fields(header, fields)) return false;
    edits.push_back({part.header_offset, part.header_size, std::move(header)});
    edits.push_back({part.body_offset, part.body_size,
                     is_text ? encode_quoted_printable(body) : encode_base64_lines(body)});
    return true;
}

std::string apply_edits(std::string_view message, const std::vector<Edit>& edits) {
    std::string out;
    std::uint64_t done = 0;
    for (const Edit& edit : edits) {
        out += message.substr(done, edit.offset - done);
        out += edit.text;
        done = edit.offset + edit.size;
    }
    return out += message.substr(done);
}

}  // namespace

std::string encode_quoted_printable(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    std::size_t line = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            out += "\r\n";
            line = 0;
            ++i;
            continue;
        }
        const bool ends_line =
            i + 1 == text.size() || (text[i + 1] == '\r' && text.substr(i + 1, 2) == "\r\n");
        const bool is_plain = is_wsp(c) ? !ends_line : byte > ' ' && byte < 0x7f && c != '=';
        const std::size_t width = is_plain ? 1 : 3;
        // Room for the "=" of a soft line break.
        if (line + width > encoded_line_bytes_max - (ends_line ? 0 : 1)) {
            out += "=\r\n";
            line = 0;
        }
        line += width;
        if (is_plain) {
            out += c;
        } else {
            append_escape(out, '=', c);
        }
    }
    return out;
}

std::string encode_base64_lines(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += base64_line_input_bytes) {
        out += base64_encode(bytes.substr(i, base64_line_input_bytes)) + "\r\n";
    }
    return out;
}

std::optional<std::string> to_seven_bit(std::string_view message) {
    const Structure structure = parse_structure(message);
    std::vector<Edit> edits;
    bool is_root = true;
    for (std::size_t i = 0; i < structure.parts.size();) {
        const Part& part = structure.parts[i];
        if (!edit_part(message, part, is_root, edits)) return std::nullopt;
        is_root = false;
        i = std::max<std::size_t>(i + 1, is_encoded_whole(part) ? part.subtree_end : 0);
    }
    std::string out = apply_edits(message, edits);
    if (must_be_encoded(out)) return std::nullopt;
    return out;
}

}  // namespace postern::message
