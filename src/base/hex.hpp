// Hexadecimal digits, and the escapes that mail is full of: a mark and two of them ("%2F", "=2F").
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

enum class HexCase : unsigned char { lower, upper };

// The lowest four bits of `value`.
constexpr char hex_digit(unsigned value, HexCase letters = HexCase::lower) {
    return (letters == HexCase::lower ? "0123456789abcdef" : "0123456789ABCDEF")[value & 15];
}

// Two digits.
void append_hex(std::string& out, char byte, HexCase letters = HexCase::lower);

// Two lower-case digits a byte.
std::string to_hex(std::string_view bytes);
// Digits of either case, two a byte.
std::optional<std::string> from_hex(std::string_view digits);

// The lowest 4 * `digits` bits of `value`, lower case.
std::string format_hex(std::uint64_t value, int digits);
// 1 to 16 lower-case digits, the whole of `text`.
std::optional<std::uint64_t> parse_hex(std::string_view text);

// "%2F" for '%': `mark` and two upper-case digits.
void append_escape(std::string& out, char mark, char byte);
// The byte that an escape at the front of `text` stands for; its digits may be of either case.
std::optional<char> parse_escape(std::string_view text, char mark);

}  // namespace postern
