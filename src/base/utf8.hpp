// Code points of UTF-8. Whether a text is UTF-8 at all says is_valid_utf8 (ascii.hpp). Pure
// functions. RFC 3629 §3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

// The first code point of valid UTF-8, not empty, which is taken off.
std::uint32_t take_code_point(std::string_view& utf8);
// Up to 0x10ffff; surrogates as they are, which is no UTF-8.
void append_utf8(std::string& out, std::uint32_t point);
// Leaves `bytes_max` bytes at most, and no part of a character at the end.
void cut_utf8(std::string& text, std::size_t bytes_max);

}  // namespace postern
