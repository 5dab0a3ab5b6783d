// Fixed-width lower-case hexadecimal and little-endian integers, as the store's durable formats
// use them. Pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::store {

inline std::string format_hex(std::uint64_t value, int digits) {
    std::string text(static_cast<std::size_t>(digits), '0');
    for (auto at = text.size(); at > 0; value >>= 4) text[--at] = "0123456789abcdef"[value & 15];
    return text;
}

// 1 to 16 lower-case digits, the whole of `text`.
inline std::optional<std::uint64_t> parse_hex(std::string_view text) {
    if (text.empty() || text.size() > 16) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
        value = value << 4 | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
    }
    return value;
}

template <std::unsigned_integral T>
void put_little(std::string& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff));
    }
}

// The bytes at `offset` must exist.
template <std::unsigned_integral T>
T get_little(std::string_view bytes, std::size_t offset) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[offset + i])) << 8 * i;
    }
    return static_cast<T>(value);
}

}  // namespace postern::store
