// xtext, in which ESMTP parameters carry what is no esmtp-value: ENVID, ORCPT, AUTH. Pure.
// RFC 3461 §4: "+" HEXCHAR HEXCHAR, or any printable character but "+" and "=".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

bool is_xtext(std::string_view text);
// Decoded; nothing when it is none, or hides what is no printable ASCII (RFC 3461 §4.4).
std::optional<std::string> decode_xtext(std::string_view text);
std::string encode_xtext(std::string_view text);

}  // namespace postern::message
