// Streaming decoders; see transfer_encoding.hpp. RFC 2045 §6.7, §6.8.
#include "message/transfer_encoding.hpp"

#include <array>

#include "base/ascii.hpp"
#include "message/lexer.hpp"

namespace postern::message {
namespace {

// White space that may turn out to end a line; a longer run is data.
constexpr std::size_t held_bytes_max = 4'096;

constexpr std::array<std::int8_t, 256> make_base64_values() {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = std::int8_t(i);
    }
    return values;
}
constexpr auto base64_values = make_base64_values();

}  // namespace

TransferEncoding parse_transfer_encoding(std::string_view token) {
    Lexer in(token);
    in.skip_cfws();
    std::string_view name = in.take_while(is_token_char);
    if (iequals(name, "base64")) return TransferEncoding::base64;
    if (iequals(name, "quoted-printable")) return TransferEncoding::quoted_printable;
    bool identity =
        name.empty() || iequals(name, "7bit") || iequals(name, "8bit") || iequals(name, "binary");
    return identity ? TransferEncoding::identity : TransferEncoding::unknown;
}

void TransferDecoder::feed(std::string_view bytes, std::string& out) {
    if (encoding_ == TransferEncoding::base64) {
        feed_base64(bytes, out);
    } else if (encoding_ == TransferEncoding::quoted_printable) {
        feed_quoted_printable(bytes, out);
    } else {
        out += bytes;
    }
}

void TransferDecoder::finish(std::string& out) {
    bool cut_escape = held_.size() == 2 && held_[0] == '=' && hex_value(held_[1]) >= 0;
    if (cut_escape) out += held_;
    held_.clear();
}

// RFC 2045 §6.8. After padding another encoded block may follow (bodies glued together).
void TransferDecoder::feed_base64(std::string_view bytes, std::string& out) {
    for (char c : bytes) {
        if (c == '=') {
            bits_ = 0;
            continue;
        }
        std::int8_t value = base64_values[static_cast<unsigned char>(c)];
        if (value < 0) continue;
        group_ = group_ << 6 | std::uint32_t(value);
        bits_ += 6;
        if (bits_ >= 8) {
            bits_ -= 8;
            out += char(group_ >> bits_ & 0xff);
        }
    }
}

// RFC 2045 §6.7: white space at the end of a line is not data; "=" at the end joins two lines; an
// escape that is none stays as it is.
void TransferDecoder::feed_quoted_printable(std::string_view bytes, std::string& out) {
    for (char c : bytes) {
        if (held_.starts_with('=') && take_escape(c, out)) continue;
        if (c == '=') {
            flush_held(out);
            held_ = c;
        } else if (is_wsp(c) || c == '\r') {
            if (held_.size() >= held_bytes_max) flush_held(out);
            held_ += c;
        } else if (c == '\n') {
            out += held_.ends_with('\r') ? "\r\n" : "\n";
            held_.clear();
        } else {
            flush_held(out);
            out += c;
        }
    }
}

// `held_` begins with '=': takes the next byte of the escape, or gives the escape up.
bool TransferDecoder::take_escape(char c, std::string& out) {
    bool blank_after = held_.size() > 1 && hex_value(held_[1]) < 0;
    if (c == '\n' && (held_.size() == 1 || blank_after)) {
        held_.clear();
        return true;
    }
    bool blank = (is_wsp(c) || c == '\r') && held_.size() < held_bytes_max;
    if ((blank && (held_.size() == 1 || blank_after)) || (held_.size() == 1 && hex_value(c) >= 0)) {
        held_ += c;
        return true;
    }
    if (held_.size() == 2 && !blank_after && hex_value(c) >= 0) {
        out += char(hex_value(held_[1]) * 16 + hex_value(c));
        held_.clear();
        return true;
    }
    flush_held(out);
    return false;
}

void TransferDecoder::flush_held(std::string& out) {
    out += held_;
    held_.clear();
}

}  // namespace postern::message
