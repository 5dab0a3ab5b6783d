// Keywords and names of system flags; see keyword_table.hpp.
#include "store/keyword_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

// RFC 9051 §2.3.2; "$Forwarded" is a keyword to IMAP.
constexpr std::array<std::pair<std::string_view, std::uint8_t>, 6> system_flags{{
    {"\\Answered", flag::answered},
    {"\\Flagged", flag::flagged},
    {"\\Deleted", flag::deleted},
    {"\\Seen", flag::seen},
    {"\\Draft", flag::draft},
    {"$Forwarded", flag::forwarded},
}};

}  // namespace

bool is_keyword(std::string_view name) {
    if (name.empty() || name.size() > keyword_bytes_max) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return c > 0x20 && c < 0x7f && std::string_view("(){%*\"\\]").find(c) == std::string::npos;
    });
}

std::uint8_t system_flag(std::string_view name) {
    for (const auto& [known, bit] : system_flags) {
        if (iequals(name, known)) return bit;
    }
    return 0;
}

std::string_view system_flag_name(std::uint8_t bit) {
    for (const auto& [known, known_bit] : system_flags) {
        if (bit == known_bit) return known;
    }
    return "";
}

std::optional<unsigned> KeywordTable::find(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (iequals(names_[i], name)) return static_cast<unsigned>(i);
    }
    return std::nullopt;
}

bool KeywordTable::full() const {
    return names_.size() >= keywords_max;
}

unsigned KeywordTable::add(std::string_view name) {
    names_.emplace_back(name);
    return static_cast<unsigned>(names_.size() - 1);
}

std::string KeywordTable::format() const {
    std::string text;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        text += std::to_string(i) + ' ' + names_[i] + '\n';
    }
    return text;
}

KeywordTable KeywordTable::parse(std::string_view text) {
    KeywordTable table;
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        auto space = line.find(' ');
        if (space == std::string_view::npos) continue;
        auto number = parse_decimal(line.substr(0, space));
        auto name = line.substr(space + 1);
        if (!number || *number >= keywords_max || !is_keyword(name) || table.find(name)) continue;
        while (table.names_.size() <= *number) {
            table.names_.push_back("unknown-" + std::to_string(table.names_.size()));
        }
        table.names_[*number] = name;
    }
    return table;
}

}  // namespace postern::store
