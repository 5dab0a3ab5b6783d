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

}  // namespace postern
