// ASCII without locales: protocol keywords are ASCII and compare without regard to case
// (RFC 5321 §2.4, RFC 9051 §9), everything else compares as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? char(c + 32) : c;
}
constexpr char ascii_upper(char c) {
    return c >= 'a' && c <= 'z' ? char(c - 32) : c;
}
constexpr bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_ascii_alpha(char c) {
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
constexpr bool is_ascii_alnum(char c) {
    return is_ascii_digit(c) || is_ascii_alpha(c);
}
// 0 to 15 in either case; -1 for what is no hexadecimal digit.
constexpr int hex_value(char c) {
    if (is_ascii_digit(c)) return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
constexpr bool is_wsp(char c) {
    return c == ' ' || c == '\t';
}

bool iequals(std::string_view a, std::string_view b);
bool istarts_with(std::string_view text, std::string_view prefix);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
std::string_view trim_wsp(std::string_view text);  // SP and HTAB off both ends

// The whole of `text` as a decimal number: one or more digits, nothing else, no overflow.
std::optional<std::uint64_t> parse_decimal(std::string_view text);
// Like parse_decimal, for a number that must fit 32 bits (IMAP "number", RFC 9051 §9).
std::optional<std::uint32_t> parse_decimal32(std::string_view text);

bool has_8bit(std::string_view text);  // any byte with the high bit set
// Bytes of the valid UTF-8 sequence at the beginning of `text`, which is not empty; 0: none is.
std::size_t utf8_sequence_length(std::string_view text);
bool is_valid_utf8(std::string_view text);  // RFC 3629: no overlong forms, surrogates or > U+10FFFF

// For logs and terminals: bytes outside printable ASCII become \xNN, backslash and double quote are
// escaped, valid UTF-8 passes; longer than `bytes_max` is cut and ends in "…".
std::string escape_for_log(std::string_view text, std::size_t bytes_max = 256);

}  // namespace postern
