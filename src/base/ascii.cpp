// Case, digits, UTF-8 validity and log escaping; see ascii.hpp.
#include "base/ascii.hpp"
#include "base/hex.hpp"

#include <algorithm>
#include <cstring>

namespace postern {

bool iequals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return ascii_lower(x) == ascii_lower(y);
           });
}

bool istarts_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
    return out;
}

std::string to_upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii_upper);
    return out;
}

std::string_view trim_wsp(std::string_view text) {
    while (!text.empty() && is_wsp(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_wsp(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
        if (!is_ascii_digit(c)) return std::nullopt;
        if (__builtin_mul_overflow(value, std::uint64_t{10}, &value)) return std::nullopt;
        if (__builtin_add_overflow(value, std::uint64_t(c - '0'), &value)) return std::nullopt;
    }
    return value;
}

std::optional<std::uint32_t> parse_decimal32(std::string_view text) {
    auto value = parse_decimal(text);
    if (!value || *value > 0xffffffffu) return std::nullopt;
    return std::uint32_t(*value);
}

bool has_8bit(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080;
    std::uint64_t word = 0;
    while (text.size() >= sizeof word) {
        std::memcpy(&word, text.data(), sizeof word);
        if ((word & high_bits) != 0) return true;
        text.remove_prefix(sizeof word);
    }
    return std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

// RFC 3629 §4
std::size_t utf8_sequence_length(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        unsigned low = lead == 0xe0 ? 0xa0 : 0x80, high = lead == 0xed ? 0x9f : 0xbf;
        return tail(1, low, high) && tail(2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        unsigned low = lead == 0xf0 ? 0x90 : 0x80, high = lead == 0xf4 ? 0x8f : 0xbf;
        return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        std::size_t length = utf8_sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string escape_for_log(std::string_view text, std::size_t bytes_max) {
    std::string out;
    bool cut = text.size() > bytes_max;
    if (cut) text = text.substr(0, bytes_max);
    while (!text.empty()) {
        std::size_t length = utf8_sequence_length(text);
        auto lead = static_cast<unsigned char>(text[0]);
        // U+0080 to U+009F are control characters to a terminal, however they are encoded.
        bool c1_control = lead == 0xc2 && length == 2 && static_cast<unsigned char>(text[1]) < 0xa0;
        if (lead == '"' || lead == '\\') {
            out += '\\';
            out += char(lead);
            length = 1;
        } else if (length == 0 || lead < 0x20 || lead == 0x7f || c1_control) {
            length = length == 0 ? 1 : length;
            for (std::size_t i = 0; i < length; ++i) {
                out += "\\x";
                append_hex(out, text[i]);
            }
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    if (cut) out += "…";
    return out;
}

}  // namespace postern
