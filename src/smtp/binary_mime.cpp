// By lines where there are lines, by delimiters inside binary parts; see binary_mime.hpp.
#include "smtp/binary_mime.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "message/header.hpp"
#include "message/limits.hpp"
#include "message/mime.hpp"

namespace postern::smtp {
namespace {

constexpr std::size_t encoded_line_bytes = 57;  // 76 characters: RFC 2045 §6.8
// A delimiter line is at most so long, padding included; other lines are passed on in pieces.
constexpr std::size_t delimiter_line_bytes_max = 1'000;
constexpr std::size_t piece_bytes_max = 64 * 1024;

bool is_composite(const message::ContentType& type) {
    return iequals(type.type, "multipart") || iequals(type.type, "message");
}

message::ContentType content_type_of(std::string_view header) {
    const auto field = message::find_field(header, "Content-Type");
    return field ? message::parse_content_type(message::unfold_value(field->value))
                 : message::ContentType{};
}

bool says_binary(std::string_view header) {
    const auto field = message::find_field(header, "Content-Transfer-Encoding");
    if (!field) return false;
    const std::string value = message::unfold_value(field->value);
    return iequals(message::parse_encoding_token(value), "binary");
}

}  // namespace

void BinaryMime::feed(std::string_view bytes, std::string& out) {
    if (failed_) return;
    held_ += bytes;
    while (!failed_ && advance(out)) {
    }
}

bool BinaryMime::advance(std::string& out) {
    return mode_ == Mode::encoded ? advance_encoded(out) : advance_line(out);
}

// False: more bytes are needed.
bool BinaryMime::advance_line(std::string& out) {
    std::size_t begin = 0;
    while (!failed_ && mode_ != Mode::encoded) {
        const std::size_t lf = held_.find('\n', begin);
        if (lf == std::string::npos) break;
        take_line(std::string_view(held_).substr(begin, lf + 1 - begin), out);
        begin = lf + 1;
    }
    held_.erase(0, begin);
    if (mode_ == Mode::encoded) {
        // A delimiter may follow at once: the CRLF it begins with is the empty line's.
        held_.insert(0, "\r\n");
        virtual_bytes_ = 2;
        return true;
    }
    if (held_.size() < piece_bytes_max) return false;
    failed_ = failed_ || mode_ == Mode::header;
    out += held_;
    held_.clear();
    line_begins_ = false;
    return false;
}

void BinaryMime::take_line(std::string_view line, std::string& out) {
    const bool begins = line_begins_;
    line_begins_ = true;
    if (begins && line.starts_with("--")) {
        if (const auto delimiter = match(line)) {
            if (mode_ == Mode::header) end_header("", out);
            apply(*delimiter, line, out);
            return;
        }
    }
    if (mode_ != Mode::header) {
        out += line;
    } else if (line == "\r\n") {
        end_header(line, out);
    } else {
        header_ += line;
        failed_ = header_.size() > message::header_bytes_max;
    }
}

// RFC 2046 §5.1.1: "--" boundary ["--"] transport-padding CRLF; of the innermost that fits.
std::optional<BinaryMime::Delimiter> BinaryMime::match(std::string_view line) const {
    for (std::size_t i = boundaries_.size(); i-- > 0;) {
        if (!line.starts_with(boundaries_[i])) continue;
        std::string_view rest = line.substr(boundaries_[i].size());
        Delimiter delimiter;
        delimiter.level = i;
        delimiter.closes = rest.starts_with("--");
        if (delimiter.closes) rest.remove_prefix(2);
        if (rest.ends_with("\r\n")) rest.remove_suffix(2);
        if (std::ranges::all_of(rest, is_wsp)) return delimiter;
    }
    return std::nullopt;
}

void BinaryMime::apply(const Delimiter& delimiter, std::string_view line, std::string& out) {
    boundaries_.resize(delimiter.level + (delimiter.closes ? 0 : 1));
    out += line;
    mode_ = delimiter.closes ? Mode::lines : Mode::header;
}

// RFC 3030 §3, RFC 2045 §6.4: composite types are never base64 themselves.
void BinaryMime::end_header(std::string_view empty_line, std::string& out) {
    const std::string header = std::move(header_);
    header_.clear();
    const bool is_binary = says_binary(header);
    const std::string_view encoding = is_composite(content_type_of(header)) ? "8bit" : "base64";
    message::HeaderReader reader(header);
    while (const auto field = reader.next()) {
        if (is_binary && iequals(field->name, "Content-Transfer-Encoding")) {
            out += "Content-Transfer-Encoding: " + std::string(encoding) + "\r\n";
        } else {
            out += field->raw;
        }
    }
    out += empty_line;
    mode_ = Mode::lines;
    if (!empty_line.empty()) enter_body(header, is_binary);
}

void BinaryMime::enter_body(std::string_view header, bool is_binary) {
    const message::ContentType type = content_type_of(header);
    if (iequals(type.type, "multipart")) {
        const message::Parameter* boundary = message::find_parameter(type.parameters, "boundary");
        if (boundary == nullptr || boundary->value.empty() ||
            boundary->value.size() > message::boundary_bytes_max) {
            return;
        }
        failed_ = boundaries_.size() == message::mime_depth_max;
        boundaries_.push_back("--" + boundary->value);
    } else if (iequals(type.type, "message") &&
               (iequals(type.subtype, "rfc822") || iequals(type.subtype, "global"))) {
        mode_ = Mode::header;
    } else if (is_binary) {
        mode_ = Mode::encoded;
    }
}

// The first delimiter in held_, or what may become one when more has come: end is 0.
std::optional<BinaryMime::Delimiter> BinaryMime::find_delimiter() const {
    const std::string_view held = held_;
    if (boundaries_.empty()) return std::nullopt;
    for (std::size_t cr = held.find('\r'); cr != held.npos; cr = held.find('\r', cr + 1)) {
        const std::string_view text = held.substr(cr, delimiter_line_bytes_max);
        if (!text.starts_with(std::string_view("\r\n--").substr(0, text.size()))) continue;
        const std::size_t lf = text.find('\n', 2);
        Delimiter unknown;
        unknown.begin = cr;
        if (lf == text.npos) {
            if (text.size() == delimiter_line_bytes_max) continue;
            return unknown;
        }
        auto delimiter = match(text.substr(2, lf - 1));
        if (!delimiter) continue;
        delimiter->begin = cr;
        delimiter->end = cr + lf + 1;
        return delimiter;
    }
    return std::nullopt;
}

bool BinaryMime::advance_encoded(std::string& out) {
    const auto delimiter = find_delimiter();
    const std::size_t size = delimiter ? delimiter->begin : held_.size();
    const std::size_t skipped = std::min(size, virtual_bytes_);
    encode(std::string_view(held_).substr(skipped, size - skipped), out);
    if (size > 0) virtual_bytes_ = 0;
    if (!delimiter || delimiter->end == 0) {
        held_.erase(0, size);
        return false;
    }
    end_encoding(out);
    virtual_bytes_ = 0;
    const std::string line =
        held_.substr(delimiter->begin + 2, delimiter->end - delimiter->begin - 2);
    held_.erase(0, delimiter->end);
    apply(*delimiter, line, out);
    return true;
}

void BinaryMime::encode(std::string_view bytes, std::string& out) {
    unencoded_ += bytes;
    std::size_t done = 0;
    for (; unencoded_.size() - done >= encoded_line_bytes; done += encoded_line_bytes) {
        out += base64_encode(std::string_view(unencoded_).substr(done, encoded_line_bytes));
        out += "\r\n";
    }
    unencoded_.erase(0, done);
}

void BinaryMime::end_encoding(std::string& out) {
    if (unencoded_.empty()) return;
    out += base64_encode(unencoded_) + "\r\n";
    unencoded_.clear();
}

void BinaryMime::finish(std::string& out) {
    if (failed_) return;
    if (mode_ == Mode::encoded) {
        const std::size_t skipped = std::min(held_.size(), virtual_bytes_);
        encode(std::string_view(held_).substr(skipped), out);
        end_encoding(out);
    } else {
        if (!held_.empty()) take_line(std::string(held_), out);
        if (mode_ == Mode::header) end_header("", out);
    }
    held_.clear();
}

}  // namespace postern::smtp
