// Which table a language has; see texts.hpp.
#include "console/texts.hpp"

#include "console/text_tables.hpp"

namespace postern::console {

std::string_view code_of(Language language) {
    constexpr std::string_view codes[language_count] = {"en", "pt", "ru"};
    return codes[std::size_t(language)];
}

std::optional<Language> language_of(std::string_view code) {
    for (int i = 0; i < language_count; ++i) {
        if (code_of(Language(i)) == code) return Language(i);
    }
    return std::nullopt;
}

Language next_language(Language language) {
    return Language((int(language) + 1) % language_count);
}

const char* say(Language language, Text text) {
    const TextTable& table = language == Language::pt   ? texts_pt()
                             : language == Language::ru ? texts_ru()
                                                        : texts_en();
    return table[std::size_t(text)].words;
}

}  // namespace postern::console
