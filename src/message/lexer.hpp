// A cursor over the body of a structured header field: atoms, quoted strings, comments, folding
// white space (RFC 5322 §3.2, obsolete forms of §4.1 included). Tolerant: an unclosed comment or
// quoted string ends with the text. Every call moves forward or leaves the cursor; none looks at a
// byte twice, so parsers built on it are linear.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace postern::message {

// A set of bytes, as a table: printable ASCII and all 8-bit bytes, without `excluded`.
class ByteSet {
 public:
    constexpr explicit ByteSet(std::string_view excluded) {
        for (int byte = 0x21; byte < 0x100; ++byte) {
            has_[std::size_t(byte)] =
                byte != 0x7f && excluded.find(char(byte)) == std::string_view::npos;
        }
    }
    constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

 private:
    std::array<bool, 256> has_{};
};

// RFC 5322 §3.2.3 with the UTF-8 of RFC 6532 §3.2; control characters are not atext.
inline constexpr ByteSet atext_bytes("()<>[]:;@\\,.\"");
constexpr bool is_atext(char c) {
    return atext_bytes.has(c);
}

// RFC 2045 §5.1, 8-bit bytes let through as real mail needs it.
inline constexpr ByteSet token_bytes("()<>@,;:\\\"/[]?=");
constexpr bool is_token_char(char c) {
    return token_bytes.has(c);
}

class Lexer {
 public:
    explicit Lexer(std::string_view text) : text_(text) {}

    bool at_end() const { return position_ == text_.size(); }
    bool at(char c) const { return !at_end() && text_[position_] == c; }
    char current() const { return text_[position_]; }  // not at the end
    std::size_t position() const { return position_; }
    std::string_view since(std::size_t start) const {
        return text_.substr(start, position_ - start);
    }
    std::string_view rest() const { return text_.substr(position_); }

    void skip_one() { ++position_; }  // not at the end
    void skip(std::size_t count) { position_ += count; }
    bool take(char c);

    // White space, line breaks and comments. The text of the last comment goes to `comment`.
    // Gives whether anything was skipped.
    bool skip_cfws(std::string* comment = nullptr);

    template <class Predicate>
    std::string_view take_while(Predicate accepts) {
        std::size_t start = position_;
        while (!at_end() && accepts(text_[position_])) ++position_;
        return since(start);
    }

    // At '"': the content without quotes, backslashes and line breaks.
    std::string take_quoted_string();
    // At '[': "[...]" as written, without white space and line breaks.
    std::string take_domain_literal();
    // An RFC 2047 encoded-word as written, even if it holds specials; empty if there is none.
    std::string_view take_encoded_word();

 private:
    std::string take_comment();

    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace postern::message
