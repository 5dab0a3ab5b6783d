// xtext and unitext, in which ESMTP parameters carry what is no esmtp-value: ENVID, ORCPT, AUTH.
// Pure. RFC 3461 §4: "+" HEXCHAR HEXCHAR, or any printable character but "+" and "=".
// RFC 6533 §3: "\x{" HEXPOINT "}", or any printable character but "+", "=" and "\".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

bool is_xtext(std::string_view text);
// Decoded; nothing when it is none, or hides what is no printable ASCII (RFC 3461 §4.4).
std::optional<std::string> decode_xtext(std::string_view text);
std::string encode_xtext(std::string_view text);

// RFC 6533 §3 (utf-8-addr-xtext): UTF-8 in 7 bits; of what is none, each byte.
std::string encode_unitext(std::string_view text);
// As UTF-8, of that or of the forms with UTF-8 in them; nothing when it is none of them.
std::optional<std::string> decode_unitext(std::string_view text);

}  // namespace postern::message
