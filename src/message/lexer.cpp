// Tokens of structured header fields; see lexer.hpp. RFC 5322 §3.2, RFC 2047 §2.
#include "message/lexer.hpp"

#include "base/ascii.hpp"

namespace postern::message {

bool Lexer::take(char c) {
    if (!at(c)) return false;
    ++position_;
    return true;
}

// RFC 5322 §3.2.2 (CFWS)
bool Lexer::skip_cfws(std::string* comment) {
    std::size_t start = position_;
    while (!at_end()) {
        char c = current();
        if (is_wsp(c) || c == '\r' || c == '\n' || c == '\0') {
            ++position_;
        } else if (c == '(') {
            std::string text = take_comment();
            if (comment != nullptr) *comment = std::move(text);
        } else {
            break;
        }
    }
    return position_ != start;
}

// Comments nest; the inner parentheses stay in the text.
std::string Lexer::take_comment() {
    std::string out;
    std::size_t depth = 0;
    while (!at_end()) {
        char c = text_[position_++];
        if (c == '\\' && !at_end()) {
            out += text_[position_++];
            continue;
        }
        if (c == ')' && --depth == 0) break;
        if (c == '(' && depth++ == 0) continue;
        if (c != '\r' && c != '\n' && c != '\0') out += c;
    }
    return std::string(trim_wsp(out));
}

// RFC 5322 §3.2.4
std::string Lexer::take_quoted_string() {
    std::string out;
    ++position_;
    while (!at_end()) {
        char c = text_[position_++];
        if (c == '"') break;
        if (c == '\\' && !at_end()) c = text_[position_++];
        if (c != '\r' && c != '\n' && c != '\0') out += c;
    }
    return out;
}

// RFC 5322 §3.4.1 (domain-literal), §4.4 (quoted pairs in it stay quoted)
std::string Lexer::take_domain_literal() {
    auto visible = [](char c) { return static_cast<unsigned char>(c) > 0x20; };
    std::string out;
    while (!at_end()) {
        char c = text_[position_++];
        if (c == '\\' && !at_end()) {
            char quoted = text_[position_++];
            if (visible(quoted)) out += {c, quoted};
            continue;
        }
        if (visible(c)) out += c;
        if (c == ']') break;
    }
    return out;
}

// RFC 2047 §2: "=?" charset "?" encoding "?" encoded-text "?=", no white space within.
std::string_view Lexer::take_encoded_word() {
    std::string_view text = rest();
    if (!text.starts_with("=?")) return {};
    std::size_t charset_end = text.find_first_of("? \t\r\n", 2);
    if (charset_end == std::string_view::npos || charset_end == 2 || text[charset_end] != '?') {
        return {};
    }
    if (charset_end + 2 >= text.size() || text[charset_end + 2] != '?') return {};
    std::size_t end = text.find_first_of("? \t\r\n", charset_end + 3);
    if (end == std::string_view::npos || !text.substr(end).starts_with("?=")) return {};
    position_ += end + 2;
    return text.substr(0, end + 2);
}

}  // namespace postern::message
