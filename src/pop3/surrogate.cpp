// Surrogate headers; see surrogate.hpp.
#include "pop3/surrogate.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "message/address.hpp"
#include "message/header.hpp"

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

// Text in which an encoded word may stand for any word.
std::string encode_words(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = word_end(text, at);
        if (end == at) {
            out += text[at++];
        } else if (!has_8bit(text.substr(at, end - at))) {
            out += text.substr(at, end - at);
            at = end;
        } else {
            end = run_end(text, at);
            out += encode_run(text.substr(at, end - at));
            at = end;
        }
    }
    return out;
}

// RFC 6858 §2.1: belongs to nobody, ever.
constexpr std::string_view invalid_address = "<invalid@internationalized-address.invalid>";

constexpr auto address_fields =
    std::to_array<std::string_view>({"Bcc", "Cc", "From", "Reply-To", "Resent-Bcc", "Resent-Cc",
                                     "Resent-From", "Resent-Sender", "Resent-To", "Sender", "To"});
constexpr auto parameter_fields =
    std::to_array<std::string_view>({"Content-Type", "Content-Disposition"});

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::any_of(names, [&](std::string_view each) { return iequals(each, name); });
}

// RFC 5322 §3.2.5; encoded words are atoms.
std::string format_phrase(std::string_view name) {
    if (has_8bit(name)) return encode_run(name);
    constexpr std::string_view specials = "()<>[]:;@\\,.\"";
    if (name.find_first_of(specials) == std::string_view::npos) return std::string(name);
    std::string quoted = "\"";
    for (char c : name) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string format_address(const message::Address& address) {
    const std::string spec = message::format_addr_spec(address);
    if (!has_8bit(spec)) {
        if (address.name.empty()) return spec;
        return format_phrase(address.name) + " <" + spec + ">";
    }
    const std::string& shown = address.name.empty() ? spec : address.name;
    return format_phrase(shown) + " " + std::string(invalid_address);
}

// One address a line. RFC 5322 §3.4 (groups).
std::string format_address_list(std::string_view value) {
    std::string out;
    bool first = true;  // of the list, or of its group
    for (const message::Address& address : message::parse_address_list(value)) {
        if (address.kind == message::AddressKind::group_end) {
            out += ';';
            first = false;
            continue;
        }
        out += first ? " " : ",\r\n ";
        first = address.kind == message::AddressKind::group_start;
        out += first ? format_phrase(address.name) + ":" : format_address(address);
    }
    return out;
}

// RFC 6858 §2.2: without the parameters beyond ASCII; nothing when more than those are.
std::string drop_parameters(std::string_view value) {
    std::string out;
    bool quoted = false;
    for (std::size_t begin = 0, at = 0; at <= value.size(); ++at) {
        if (at < value.size() && quoted && value[at] == '\\') ++at;
        if (at < value.size() && value[at] == '"') quoted = !quoted;
        if (at < value.size() && (quoted || value[at] != ';')) continue;
        const std::string_view part = value.substr(begin, at - begin);
        if (!has_8bit(part)) {
            out += (begin == 0 ? "" : ";") + std::string(part);
        } else if (begin == 0) {
            return {};
        }
        begin = at + 1;
    }
    return out;
}

// The field without what cannot be shown; empty: nothing can. RFC 6858 §2.
std::string surrogate_value(const message::HeaderField& field) {
    if (iequals(field.name, "Return-Path")) return " " + std::string(invalid_address);
    if (is_one_of(address_fields, field.name)) return format_address_list(field.value);
    if (is_one_of(parameter_fields, field.name)) return drop_parameters(field.value);
    if (iequals(field.name, "Subject")) return encode_words(field.value);
    return {};
}

}  // namespace

std::string make_surrogate_header(std::string_view header) {
    std::string out;
    std::size_t at = 0;
    message::HeaderReader reader(header);
    while (auto field = reader.next()) {
        at += field->raw.size();
        if (!has_8bit(field->raw)) {
            out += field->raw;
            continue;
        }
        const bool named = !field->name.empty() && !has_8bit(field->name);
        const std::string value = named ? surrogate_value(*field) : std::string();
        if (value.empty() || has_8bit(value)) continue;
        out += std::string(field->name) + ":" + value;
        if (field->raw.ends_with('\n')) out += "\r\n";
    }
    // The empty line, and whatever bytes the reader has left.
    for (char c : header.substr(at)) {
        if ((static_cast<unsigned char>(c) & 0x80) == 0) out += c;
    }
    return out;
}

}  // namespace postern::pop3
