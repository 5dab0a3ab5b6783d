// MIME field syntax; see mime.hpp. RFC 2045 §5.1, RFC 2183 §2, RFC 2231 §3, §4.
#include "message/mime.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "message/charset.hpp"
#include "message/encoded_word.hpp"
#include "message/lexer.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

constexpr int no_section = -1;

// One "name*section*=value" as it stands in the field.
struct Segment {
    std::string name;
    std::string value;
    int section = no_section;
    bool extended = false;
    bool used = false;
};

// RFC 2231 §7 (ext-octet)
std::string percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto escaped = parse_escape(text.substr(i), '%');
        out += escaped.value_or(text[i]);
        if (escaped) i += 2;
    }
    return out;
}

enum class Percent : unsigned char { keep, escape };

// RFC 2231 §7 (attribute-char); everything else in %XX.
std::string percent_encode(std::string_view text, Percent percent) {
    std::string out;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool plain = byte < 0x80 && is_token_char(c) && c != '*' && c != '\'' && c != '%';
        if (plain || (c == '%' && percent == Percent::keep)) {
            out += c;
        } else {
            append_escape(out, '%', c);
        }
    }
    return out;
}

bool ends_value(char c) {
    return is_wsp(c) || c == ';' || c == '(' || c == '\r' || c == '\n';
}

// A value without quotes ends at white space, except that file names are often left unquoted.
std::string take_bare_value(Lexer& in, std::string_view name) {
    std::string value(in.take_while([](char c) { return !ends_value(c); }));
    bool file_name = istarts_with(name, "name") || istarts_with(name, "filename");
    in.skip_cfws();
    while (file_name && !in.at_end() && !in.at(';')) {
        value += ' ';
        value += in.take_while([](char c) { return !ends_value(c); });
        if (in.at('(')) break;
        in.skip_cfws();
    }
    std::erase(value, '\0');
    return value;
}

// RFC 2231 §7: attribute [ "*" section ] [ "*" ]
void split_name(Segment& segment) {
    std::string_view name = segment.name;
    if (name.ends_with('*')) {
        segment.extended = true;
        name.remove_suffix(1);
    }
    std::size_t star = name.rfind('*');
    if (star != std::string_view::npos && star > 0) {
        auto number = parse_decimal32(name.substr(star + 1));
        if (number && *number < mime_parameters_max) {
            segment.section = int(*number);
            name = name.substr(0, star);
        }
    }
    segment.name = std::string(name);
}

std::vector<Segment> take_segments(Lexer& in) {
    std::vector<Segment> segments;
    while (!in.at_end() && segments.size() < mime_parameters_max) {
        in.skip_cfws();
        if (in.take(';')) continue;
        Segment segment;
        segment.name = in.take_while(is_token_char);
        in.skip_cfws();
        if (!segment.name.empty() && in.take('=')) {
            in.skip_cfws();
            segment.value =
                in.at('"') ? in.take_quoted_string() : take_bare_value(in, segment.name);
            split_name(segment);
            if (!segment.name.empty() && segment.name[0] != '*')
                segments.push_back(std::move(segment));
        }
        // Up to the next ';': a name without a value, text after a quoted string.
        while (!in.at_end() && !in.at(';')) {
            if (in.at('"')) {
                in.take_quoted_string();
            } else if (!in.skip_cfws()) {
                in.skip_one();
            }
        }
    }
    return segments;
}

// RFC 2231 §3, §4.1: sections 0, 1, … of `first`'s name in order, as far as they go.
Parameter join_sections(std::vector<Segment>& segments, const std::string& name) {
    std::array<Segment*, mime_parameters_max> sections{};
    for (Segment& segment : segments) {
        if (segment.section == no_section || !iequals(segment.name, name)) continue;
        segment.used = true;
        if (!sections[std::size_t(segment.section)])
            sections[std::size_t(segment.section)] = &segment;
    }
    Parameter joined{name, {}, false};
    for (std::size_t i = 0; i < sections.size() && sections[i]; ++i) {
        joined.extended = joined.extended || sections[i]->extended;
    }
    if (!joined.extended) {
        for (std::size_t i = 0; i < sections.size() && sections[i]; ++i) {
            joined.value += sections[i]->value;
        }
        return joined;
    }
    std::string_view first = sections[0]->value;
    std::size_t quote = first.find('\''), second = first.find('\'', quote + 1);
    bool prefixed = sections[0]->extended && second != std::string_view::npos;
    joined.value = prefixed ? first.substr(0, second + 1) : "''";
    if (prefixed) first.remove_prefix(second + 1);
    for (std::size_t i = 0; i < sections.size() && sections[i]; ++i) {
        std::string_view text = i == 0 ? first : std::string_view(sections[i]->value);
        joined.value +=
            percent_encode(text, sections[i]->extended ? Percent::keep : Percent::escape);
    }
    return joined;
}

// charset'language'text in pure ASCII; a value without its quotes gets empty ones.
std::string clean_extended(std::string_view value) {
    std::size_t quote = value.find('\'');
    std::size_t second = quote == std::string_view::npos ? quote : value.find('\'', quote + 1);
    if (second == std::string_view::npos) return "''" + percent_encode(value, Percent::keep);
    return percent_encode(value.substr(0, quote), Percent::keep) + "'" +
           percent_encode(value.substr(quote + 1, second - quote - 1), Percent::keep) + "'" +
           percent_encode(value.substr(second + 1), Percent::keep);
}

Parameters take_parameters(Lexer& in) {
    std::vector<Segment> segments = take_segments(in);
    Parameters parameters;
    for (Segment& segment : segments) {
        if (segment.used) continue;
        if (segment.section == no_section) {
            std::string value =
                segment.extended ? clean_extended(segment.value) : std::move(segment.value);
            parameters.push_back({segment.name, std::move(value), segment.extended});
            continue;
        }
        bool has_first = std::any_of(segments.begin(), segments.end(), [&](const Segment& other) {
            return other.section == 0 && iequals(other.name, segment.name);
        });
        if (has_first) parameters.push_back(join_sections(segments, segment.name));
        segment.used = true;
    }
    return parameters;
}

}  // namespace

// RFC 2045 §5.1, §5.2
ContentType parse_content_type(std::string_view value) {
    Lexer in(value.substr(0, field_bytes_max));
    in.skip_cfws();
    std::string type(in.take_while(is_token_char));
    in.skip_cfws();
    if (type.empty() || !in.take('/')) return {};
    in.skip_cfws();
    std::string subtype(in.take_while(is_token_char));
    if (subtype.empty()) return {};
    return {std::move(type), std::move(subtype), take_parameters(in)};
}

// RFC 2183 §2
std::optional<Disposition> parse_disposition(std::string_view value) {
    Lexer in(value.substr(0, field_bytes_max));
    in.skip_cfws();
    std::string type(in.take_while(is_token_char));
    if (type.empty()) return std::nullopt;
    return Disposition{std::move(type), take_parameters(in)};
}

std::vector<std::string> parse_languages(std::string_view value) {
    std::vector<std::string> languages;
    Lexer in(value.substr(0, field_bytes_max));
    while (!in.at_end() && languages.size() < mime_languages_max) {
        if (in.skip_cfws()) continue;
        std::string_view tag = in.take_while(is_token_char);
        if (tag.empty()) {
            in.skip_one();
        } else {
            languages.emplace_back(tag);
        }
    }
    return languages;
}

std::string parse_encoding_token(std::string_view value) {
    Lexer in(value.substr(0, field_bytes_max));
    in.skip_cfws();
    return std::string(in.take_while(is_token_char));
}

const Parameter* find_parameter(const Parameters& parameters, std::string_view name) {
    const Parameter* found = nullptr;
    for (const Parameter& parameter : parameters) {
        if (!iequals(parameter.name, name)) continue;
        if (found == nullptr || (parameter.extended && !found->extended)) found = &parameter;
    }
    return found;
}

// RFC 2231 §4
std::string decode_parameter(const Parameter& parameter) {
    if (!parameter.extended) return decode_encoded_words(parameter.value);
    std::string_view value = parameter.value;
    std::string_view charset = value.substr(0, value.find('\''));
    std::size_t text = value.find('\'', charset.size() + 1);
    value = text == std::string_view::npos ? value : value.substr(text + 1);
    return to_utf8(percent_decode(value), charset);
}

}  // namespace postern::message
