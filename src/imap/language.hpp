// The languages that replies are given in (RFC 5255 §3): a table from the English text to the
// others. What is not in the table is said in English. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::imap {

enum class Language : std::uint8_t { english, portuguese, russian };

// "EN", "PT", "RU"
std::string_view tag_of(Language language);
// All of them, with "i-default", as LANGUAGE lists them.
inline constexpr std::string_view language_tags = "EN PT RU i-default";

// RFC 4647 §3.4 (lookup): "pt-BR", "RU", "default", "i-default"; nothing for other languages.
std::optional<Language> find_language(std::string_view range);

// Of the text of a reply. "<COMMAND> completed" keeps its command.
std::string translate(Language language, std::string_view english);

}  // namespace postern::imap
