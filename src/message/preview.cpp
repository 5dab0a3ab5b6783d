// Previews; see preview.hpp.
#include "message/preview.hpp"

#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "message/charset.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::message {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> entities{{
    {"amp;", "&"},
    {"lt;", "<"},
    {"gt;", ">"},
    {"quot;", "\""},
    {"apos;", "'"},
    {"nbsp;", " "},
}};

bool is_attachment(const Part& part) {
    return part.disposition && iequals(part.disposition->type, "attachment");
}

std::string decode(std::string_view body, const Part& part) {
    TransferDecoder transfer(parse_transfer_encoding(part.encoding));
    std::string bytes;
    transfer.feed(body, bytes);
    const Parameter* named = find_parameter(part.parameters, "charset");
    CharsetDecoder charset(named != nullptr ? named->value : "");
    std::string text;
    charset.feed(bytes, text);
    return text;
}

// "<style" and its kin: what is between the tags is no text.
std::string_view hidden_element(std::string_view tag) {
    for (std::string_view name : {"style"sv, "script"sv, "head"sv, "title"sv}) {
        if (!istarts_with(tag, name)) continue;
        if (tag.size() == name.size() || !is_ascii_alnum(tag[name.size()])) return name;
    }
    return {};
}

// Where "</name" begins, or the end.
std::size_t find_end_tag(std::string_view html, std::size_t from, std::string_view name) {
    for (std::size_t at = html.find("</", from); at != html.npos; at = html.find("</", at + 2)) {
        if (istarts_with(html.substr(at + 2), name)) return at;
    }
    return html.size();
}

// Behind the tag, comment or hidden element at `at`.
std::size_t skip_tag(std::string_view html, std::size_t at) {
    std::string_view rest = html.substr(at);
    if (rest.starts_with("<!--")) {
        std::size_t end = html.find("-->", at);
        return end == html.npos ? html.size() : end + 3;
    }
    std::size_t end = html.find('>', at);
    if (end == html.npos) return html.size();
    std::string_view name = hidden_element(html.substr(at + 1, end - at - 1));
    if (name.empty()) return end + 1;
    std::size_t close = html.find('>', find_end_tag(html, end, name));
    return close == html.npos ? html.size() : close + 1;
}

std::string text_of_html(std::string_view html) {
    std::string text;
    for (std::size_t at = 0; at < html.size();) {
        if (html[at] == '<') {
            at = skip_tag(html, at);
            text += ' ';
            continue;
        }
        bool is_entity = false;
        for (const auto& [name, value] : entities) {
            if (html[at] != '&' || !html.substr(at + 1).starts_with(name)) continue;
            text += value;
            at += 1 + name.size();
            is_entity = true;
            break;
        }
        if (!is_entity) text += html[at++];
    }
    return text;
}

// Lines that quote another message say nothing about this one.
std::string without_quotes(std::string_view text) {
    std::string kept;
    while (!text.empty()) {
        std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (!line.starts_with('>')) kept += std::string(line) + '\n';
    }
    return kept;
}

bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
}

// One line of at most preview_characters_max characters.
std::string squeeze(std::string_view text) {
    std::string line;
    std::size_t characters = 0;
    bool gap = false;
    for (char c : text) {
        if (is_blank(c)) {
            gap = !line.empty();
            continue;
        }
        bool is_continuation = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
        if (!is_continuation) {
            if (characters + (gap ? 2 : 1) > preview_characters_max) break;
            if (gap) line += ' ';
            characters += gap ? 2 : 1;
            gap = false;
        }
        line += c;
    }
    return line;
}

}  // namespace

std::optional<std::size_t> find_preview_part(const Facts& facts) {
    std::optional<std::size_t> html;
    const auto& parts = facts.structure.parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].kind != PartKind::text || is_attachment(parts[i])) continue;
        if (iequals(parts[i].subtype, "plain")) return i;
        if (iequals(parts[i].subtype, "html") && !html) html = i;
    }
    return html;
}

std::string make_preview(std::string_view body, const Part& part) {
    std::string text = decode(body, part);
    text = iequals(part.subtype, "html") ? text_of_html(text) : without_quotes(text);
    return squeeze(repair_utf8(text));
}

}  // namespace postern::message
