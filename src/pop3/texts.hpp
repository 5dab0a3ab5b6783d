// The texts of replies in the languages that LANG offers (RFC 6856 §3). The code says them in
// English, which is the key of the catalogue; '#' stands for a number or a name. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::pop3 {

enum class Language : std::uint8_t { english, portuguese, russian };

struct LanguageInfo {
    Language language;
    std::string_view tag;   // RFC 5646
    std::string_view name;  // in the language itself
};
inline constexpr LanguageInfo languages[] = {{Language::english, "en", "English"},
                                             {Language::portuguese, "pt", "Português"},
                                             {Language::russian, "ru", "Русский"}};

// What of the languages fits a range best: RFC 4647 §3.4 (lookup), so "pt-BR" finds "pt"; "*" is
// English. Nothing fits: nothing.
std::optional<LanguageInfo> find_language(std::string_view range);

// English when the catalogue does not know the text.
std::string_view translate(std::string_view english, Language language);

}  // namespace postern::pop3
