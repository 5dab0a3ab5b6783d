// See xtext.hpp.
#include "message/xtext.hpp"

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace postern::message {
namespace {

bool is_upper_hex(char c) {
    return is_ascii_digit(c) || (c >= 'A' && c <= 'F');
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
