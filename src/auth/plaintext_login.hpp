// Whether users may log in on connections without TLS, where anybody on the way reads along. What
// the administrator decides once for SMTP submission, IMAP and POP3 (RFC 8314 §3).
#pragma once

namespace postern::auth {

enum class PlaintextLogin : unsigned char { refused, allowed };

}  // namespace postern::auth
