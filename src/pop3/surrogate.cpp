// Surrogate headers; see surrogate.hpp.
#include "pop3/surrogate.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace postern::pop3 {
namespace {

// Of one encoded word; its text is at most 75 characters (RFC 2047 §2).
constexpr std::size_t encoded_bytes_max = 42;

bool ends_word(char c) {
    return std::string_view(" \t\r\n<>@,;:()[]\"\\").contains(c);
}

std::size_t word_end(std::string_view text, std::size_t begin) {
    while (begin < text.size() && !ends_word(text[begin])) ++begin;
    return begin;
}

// From a word beyond ASCII to the last of the words of that kind that follow it with nothing but
// spaces between, which an encoded word must hold itself (RFC 2047 §6.2).
std::size_t run_end(std::string_view text, std::size_t begin) {
    std::size_t end = word_end(text, begin);
    for (std::size_t next = end;;) {
        while (next < text.size() && is_wsp(text[next])) ++next;
        const std::size_t stop = word_end(text, next);
        if (stop == next || !has_8bit(text.substr(next, stop - next))) return end;
        end = next = stop;
    }
}

// Not within a character.
std::size_t cut(std::string_view text) {
    if (text.size() <= encoded_bytes_max) return text.size();
    std::size_t at = encoded_bytes_max;
    while (at > encoded_bytes_max - 4 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) {
        --at;
    }
    return at;
}

std::string encode_run(std::string_view text) {
    const std::string_view charset = is_valid_utf8(text) ? "=?utf-8?B?" : "=?unknown-8bit?B?";
    std::string out;
    while (!text.empty()) {
        const std::size_t bytes = cut(text);
        if (!out.empty()) out += ' ';
        out += std::string(charset) + base64_encode(text.substr(0, bytes)) + "?=";
        text.remove_prefix(bytes);
    }
    return out;
}

}  // namespace

std::string make_surrogate_header(std::string_view header) {
    std::string out;
    for (std::size_t at = 0; at < header.size();) {
        std::size_t end = word_end(header, at);
        if (end == at) {
            out += header[at++];
        } else if (!has_8bit(header.substr(at, end - at))) {
            out += header.substr(at, end - at);
            at = end;
        } else {
            end = run_end(header, at);
            out += encode_run(header.substr(at, end - at));
            at = end;
        }
    }
    return out;
}

}  // namespace postern::pop3
