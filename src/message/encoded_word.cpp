// RFC 2047 both ways; see encoded_word.hpp. One pass: words are decoded to bytes and gathered as
// long as they follow each other in one charset, then converted together.
#include "message/encoded_word.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/hex.hpp"
#include "message/charset.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

struct EncodedWord {
    std::string_view charset;
    char encoding = 'q';  // lower case: 'q' or 'b'
    std::string_view text;
    std::size_t size = 0;  // of the whole word
};

bool is_line_space(char c) {
    return is_wsp(c) || c == '\r' || c == '\n';
}

// RFC 2047 §2; RFC 2231 §5 adds "*" language to the charset. Spaces within Q text are forgiven.
std::optional<EncodedWord> parse_word(std::string_view text) {
    if (!text.starts_with("=?")) return std::nullopt;
    std::size_t charset_end = text.find_first_of("? \t\r\n", 2);
    if (charset_end == std::string_view::npos || charset_end == 2) return std::nullopt;
    std::string_view after = text.substr(charset_end);
    if (after.size() < 3 || after[0] != '?' || after[2] != '?') return std::nullopt;
    EncodedWord word;
    word.encoding = ascii_lower(after[1]);
    if (word.encoding != 'q' && word.encoding != 'b') return std::nullopt;
    std::size_t start = charset_end + 3;
    std::size_t end = text.find('?', start);
    if (end == std::string_view::npos || !text.substr(end).starts_with("?=")) return std::nullopt;
    word.charset = text.substr(2, charset_end - 2);
    word.charset = word.charset.substr(0, word.charset.find('*'));
    word.text = text.substr(start, end - start);
    word.size = end + 2;
    return word;
}

// RFC 2047 §4.2
std::string decode_q(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (const auto escaped = parse_escape(text.substr(i), '=')) {
            out += *escaped;
            i += 2;
        } else {
            out += c == '_' ? ' ' : c;
        }
    }
    return out;
}

class Decoder {
 public:
    std::string run(std::string_view text);

 private:
    void add_word(const EncodedWord& word);
    void flush_word();
    void flush_plain(std::string_view plain) { out_ += repair_utf8(plain); }

    std::string out_;
    std::string pending_;          // decoded bytes not yet converted
    std::string pending_charset_;  // lower case
    bool after_word_ = false;
};

void Decoder::flush_word() {
    if (!pending_.empty()) out_ += to_utf8(pending_, pending_charset_);
    pending_.clear();
}

void Decoder::add_word(const EncodedWord& word) {
    std::string charset = to_lower(word.charset);
    if (charset != pending_charset_) flush_word();
    pending_charset_ = std::move(charset);
    pending_ += word.encoding == 'b' ? base64_decode_lenient(word.text) : decode_q(word.text);
}

// RFC 2047 §6.2: white space between two adjacent encoded words is not displayed.
std::string Decoder::run(std::string_view text) {
    std::size_t plain_start = 0, at = 0;
    while ((at = text.find("=?", at)) != std::string_view::npos) {
        auto word = parse_word(text.substr(at));
        if (!word) {
            at += 1;
            continue;
        }
        std::string_view plain = text.substr(plain_start, at - plain_start);
        bool only_space = std::all_of(plain.begin(), plain.end(), is_line_space);
        if (!after_word_ || !only_space) {
            flush_word();
            flush_plain(plain);
        }
        add_word(*word);
        after_word_ = true;
        at += word->size;
        plain_start = at;
    }
    flush_word();
    flush_plain(text.substr(plain_start));
    return std::move(out_);
}

bool needs_encoding(std::string_view text) {
    if (text.find("=?") != std::string_view::npos) return true;
    return std::any_of(text.begin(), text.end(), [](char c) { return c < 0x20 || c == 0x7f; });
}

// RFC 2047 §5 (3): what may stand for itself even in a phrase.
bool is_q_safe(char c) {
    return is_ascii_alnum(c) || std::string_view("!*+-/").find(c) != std::string_view::npos;
}

std::size_t q_size(std::string_view text) {
    std::size_t size = 0;
    for (char c : text) size += is_q_safe(c) || c == ' ' ? 1 : 3;
    return size;
}

void append_q(std::string& out, std::string_view text) {
    for (char c : text) {
        if (c == ' ') {
            out += '_';
        } else if (is_q_safe(c)) {
            out += c;
        } else {
            append_escape(out, '=', c);
        }
    }
}

// Bytes of the character that starts `text`, which is valid UTF-8.
std::size_t character_size(std::string_view text) {
    std::size_t size = 1;
    while (size < text.size() && (text[size] & 0xc0) == 0x80) ++size;
    return size;
}

}  // namespace

std::string decode_encoded_words(std::string_view text) {
    return Decoder().run(text.substr(0, field_bytes_max));
}

// RFC 2047 §2 (75 bytes a word), §5 (3) (no character is cut).
std::string encode_encoded_words(std::string_view utf8) {
    if (!needs_encoding(utf8)) return std::string(utf8);
    constexpr std::string_view q_head = "=?utf-8?Q?", b_head = "=?utf-8?B?", tail = "?=";
    constexpr std::size_t room = encoded_word_bytes_max - q_head.size() - tail.size();
    std::string text = repair_utf8(utf8);
    bool use_q = q_size(text) <= (text.size() + 2) / 3 * 4;
    std::string out;
    for (std::string_view rest = text; !rest.empty();) {
        std::size_t taken = 0;
        while (taken < rest.size()) {
            std::size_t next = taken + character_size(rest.substr(taken));
            std::string_view piece = rest.substr(0, next);
            if ((use_q ? q_size(piece) : (next + 2) / 3 * 4) > room) break;
            taken = next;
        }
        if (!out.empty()) out += "\r\n ";
        out += use_q ? q_head : b_head;
        if (use_q) {
            append_q(out, rest.substr(0, taken));
        } else {
            out += base64_encode(rest.substr(0, taken));
        }
        out += tail;
        rest.remove_prefix(taken);
    }
    return out;
}

}  // namespace postern::message
