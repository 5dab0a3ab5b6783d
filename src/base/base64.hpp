// Base64 (RFC 4648 §4) and its IMAP relative (modified base64 with ',' for '/', RFC 3501 §5.1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

enum class Base64Alphabet : unsigned char { standard, imap_mailbox };

// Padded with '=' in the standard alphabet, unpadded in the IMAP one.
std::string base64_encode(std::string_view bytes,
                          Base64Alphabet alphabet = Base64Alphabet::standard);

// Strict: the whole input must be well formed (padding required and only at the end in the standard
// alphabet, forbidden in the IMAP one; unused bits zero). Nothing for anything else.
std::optional<std::string> base64_decode(std::string_view text,
                                         Base64Alphabet alphabet = Base64Alphabet::standard);

// As message bodies need it (RFC 2045 §6.8): characters outside the alphabet are skipped, '=' ends.
std::string base64_decode_lenient(std::string_view text);

}  // namespace postern
