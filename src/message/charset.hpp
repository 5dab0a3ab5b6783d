// Character sets to UTF-8, and the folding SEARCH compares by, over ICU. Lossy by design: a byte
// that means nothing becomes U+FFFD, and an unknown charset is read as UTF-8. Nothing fails.
// Converters are not shared between shards.
// RFC 2978 (charset names), RFC 5051 (i;unicode-casemap).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace postern::message {

// A stream of bytes in one charset, to UTF-8.
class CharsetDecoder {
 public:
    explicit CharsetDecoder(std::string_view charset);  // "" and unknown names as said above
    CharsetDecoder(CharsetDecoder&&) noexcept;
    CharsetDecoder& operator=(CharsetDecoder&&) noexcept;
    ~CharsetDecoder();

    bool known() const;  // whether ICU has the charset
    void feed(std::string_view bytes, std::string& out);
    void finish(std::string& out);  // what an unfinished character at the end becomes

 private:
    struct State;
    std::unique_ptr<State> state_;
};

// Whether to_utf8 knows the charset (SEARCH CHARSET answers BADCHARSET otherwise, RFC 9051 §6.4.4).
bool is_known_charset(std::string_view charset);

std::string to_utf8(std::string_view bytes, std::string_view charset);

// Valid UTF-8 passes; every byte that is none becomes U+FFFD.
std::string repair_utf8(std::string_view text);

// For equality and substrings: what RFC 5051 (i;unicode-casemap) takes as equal is equal, and
// besides it what full case folding does ("ß" and "SS"). A text contains another when its folding
// does.
std::string fold_for_search(std::string_view utf8);

// RFC 5051 §2 to the letter, for ordering: titlecase, decomposed; compare as bytes.
std::string collation_key(std::string_view utf8);

// Domains with U-labels: lower case without a locale, then NFC.
std::string lower_case_nfc(std::string_view utf8);

// RFC 5198 §3: Normalization Form C.
std::string normalise_nfc(std::string_view utf8);

}  // namespace postern::message
