// Hexadecimal digits; see hex.hpp.
#include "base/hex.hpp"

#include "base/ascii.hpp"

namespace postern {

void append_hex(std::string& out, char byte, HexCase letters) {
    const auto value = static_cast<unsigned char>(byte);
    out += hex_digit(value >> 4U, letters);
    out += hex_digit(value, letters);
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (char byte : bytes) append_hex(out, byte);
    return out;
}

std::optional<std::string> from_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_value(digits[i]);
        const int low = hex_value(digits[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += char(high * 16 + low);
    }
    return out;
}

std::string format_hex(std::uint64_t value, int digits) {
    std::string text(static_cast<std::size_t>(digits), '0');
    for (auto at = text.size(); at > 0; value >>= 4) text[--at] = hex_digit(unsigned(value & 15));
    return text;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    if (text.empty() || text.size() > 16) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
        if (hex_value(c) < 0 || (c >= 'A' && c <= 'F')) return std::nullopt;
        value = value << 4 | std::uint64_t(hex_value(c));
    }
    return value;
}

void append_escape(std::string& out, char mark, char byte) {
    out += mark;
    append_hex(out, byte, HexCase::upper);
}

std::optional<char> parse_escape(std::string_view text, char mark) {
    if (text.size() < 3 || text[0] != mark) return std::nullopt;
    const int high = hex_value(text[1]);
    const int low = hex_value(text[2]);
    if (high < 0 || low < 0) return std::nullopt;
    return char(high * 16 + low);
}

}  // namespace postern
