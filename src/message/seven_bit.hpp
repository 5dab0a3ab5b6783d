// A message made fit for a server that takes 7-bit mail only: parts with other bytes, or lines too
// long, are encoded, text as quoted-printable and everything else as base64; headers say so. Pure.
// RFC 6152 §3 and RFC 3030 §3 (when), RFC 2045 §6 (encodings), RFC 1428 §3 (mail that is not MIME),
// RFC 6532 §3.7 (message/global may be encoded as a whole).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

// Nothing when it cannot be: 8-bit bytes in a header or around parts.
std::optional<std::string> to_seven_bit(std::string_view message);

// RFC 2045 §6.7, with CRLF line ends, lines of at most 76 characters. `text` ends as it did.
std::string encode_quoted_printable(std::string_view text);
// RFC 2045 §6.8: lines of 76 characters, each with its CRLF.
std::string encode_base64_lines(std::string_view bytes);

}  // namespace postern::message
