// What a client that has not said UTF8 gets of a header section with bytes beyond ASCII: a
// surrogate of ASCII alone (RFC 6856 §2.1), in which every run of such words is an encoded word
// (RFC 2047), of charset UTF-8, or unknown-8bit (RFC 1428 §3) where it is none. Structure and
// addresses stay readable; an address that is itself beyond ASCII cannot be replied to without
// UTF8 anyway. Pure.
#pragma once

#include <string>
#include <string_view>

namespace postern::pop3 {

std::string make_surrogate_header(std::string_view header);

}  // namespace postern::pop3
