// Text in headers that is not ASCII: encoded words (RFC 2047, with the language of RFC 2231 §5)
// to UTF-8 and back. Decoding is lenient: a word may touch other text, a character may be cut
// between two adjacent words of one charset, raw 8-bit bytes are read as UTF-8. Nothing fails.
#pragma once

#include <string>
#include <string_view>

namespace postern::message {

// `text` may be folded; what is no encoded word stays as it is but for invalid UTF-8 (U+FFFD).
std::string decode_encoded_words(std::string_view text);

// For headers we write: `utf8` unchanged if it is printable ASCII that holds no "=?"; otherwise
// encoded words of at most encoded_word_bytes_max, folded with CRLF SP between them. Safe in a
// phrase as well as in unstructured text (RFC 2047 §5).
std::string encode_encoded_words(std::string_view utf8);

}  // namespace postern::message
