// See xtext.hpp.
#include "message/xtext.hpp"

#include <algorithm>
#include <cstdint>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "base/utf8.hpp"

namespace postern::message {
namespace {

constexpr std::size_t point_digits_min = 2;
constexpr std::size_t point_digits_max = 6;

bool is_upper_hex(char c) {
    return is_ascii_digit(c) || (c >= 'A' && c <= 'F');
}

// RFC 6533 §3 (QCHAR)
bool is_plain(char c) {
    return c > 0x20 && c < 0x7f && c != '+' && c != '=' && c != '\\';
}

void put_point(std::string& out, std::uint32_t point) {
    std::size_t digits = point_digits_min;
    while (point >> (4 * digits) != 0) ++digits;
    out += "\\x{" + to_upper(format_hex(point, int(digits))) + '}';
}

// "\x{e9}" at the front, taken off.
std::optional<std::uint32_t> take_point(std::string_view& text) {
    constexpr std::string_view begin = "\\x{";
    const std::size_t end = text.find('}');
    if (!text.starts_with(begin) || end == text.npos) return std::nullopt;
    const std::string_view digits = text.substr(begin.size(), end - begin.size());
    text.remove_prefix(end + 1);
    if (digits.size() < point_digits_min || digits.size() > point_digits_max) return std::nullopt;
    const auto point = parse_hex(to_lower(digits));
    if (!point || *point > 0x10ffff) return std::nullopt;
    return std::uint32_t(*point);
}

}  // namespace

bool is_xtext(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c < 0x21 || c > 0x7e || c == '=') return false;
        if (c != '+') continue;
        if (i + 2 >= text.size() || !is_upper_hex(text[i + 1]) || !is_upper_hex(text[i + 2])) {
            return false;
        }
        i += 2;
    }
    return true;
}

std::optional<std::string> decode_xtext(std::string_view text) {
    if (!is_xtext(text)) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+') {
            c = parse_escape(text.substr(i), '+').value_or('\0');
            i += 2;
        }
        if (c < 0x20 || c > 0x7e) return std::nullopt;
        out += c;
    }
    return out;
}

std::string encode_unitext(std::string_view text) {
    const bool is_utf8 = is_valid_utf8(text);
    std::string out;
    while (!text.empty()) {
        if (is_plain(text.front())) {
            out += text.front();
            text.remove_prefix(1);
        } else if (is_utf8) {
            put_point(out, take_code_point(text));
        } else {
            put_point(out, static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
        }
    }
    return out;
}

std::optional<std::string> decode_unitext(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const char c = text.front();
        if (c == '\\') {
            const auto point = take_point(text);
            if (!point) return std::nullopt;
            append_utf8(out, *point);
            continue;
        }
        if (!is_plain(c) && (c & 0x80) == 0) return std::nullopt;
        out += c;
        text.remove_prefix(1);
    }
    if (!is_valid_utf8(out)) return std::nullopt;
    return out;
}

std::string encode_xtext(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c > 0x20 && c < 0x7f && c != '+' && c != '=') {
            out += c;
        } else {
            append_escape(out, '+', c);
        }
    }
    return out;
}

}  // namespace postern::message
