// What a client that has not said UTF8 gets of a header section with bytes beyond ASCII: a
// surrogate of ASCII alone (RFC 6856 §2.1), made as RFC 6858 §2 says. Addresses beyond ASCII become
// one that is nobody's, with the address or the name shown beside it; display names and the Subject
// become encoded words (RFC 2047) of charset UTF-8, or unknown-8bit (RFC 1428 §3) where they are
// none; MIME parameters and all other fields beyond ASCII are left out. What is ASCII stays byte
// for byte. Pure.
#pragma once

#include <string>
#include <string_view>

namespace postern::pop3 {

std::string make_surrogate_header(std::string_view header);

}  // namespace postern::pop3
