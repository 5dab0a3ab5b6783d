// Every text in each language: there, for values in the same places, fit for a terminal.
#include "console/texts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/ascii.hpp"
#include "console/page.hpp"
#include "console/text_tables.hpp"

namespace postern::console {
namespace {

std::string marks_of(std::string_view text) {
    std::string marks;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '%' && is_ascii_digit(text[i + 1])) marks += text[i + 1];
    }
    std::ranges::sort(marks);
    return marks;
}

TEST(Texts, AreThereInEachLanguage) {
    for (int language = 0; language < language_count; ++language) {
        EXPECT_STREQ("", say(Language(language), Text::nothing));
        for (std::size_t i = 1; i < std::size_t(Text::count); ++i) {
            const std::string text = say(Language(language), Text(i));
            EXPECT_FALSE(text.empty()) << i;
            EXPECT_EQ(escape_for_log(text, 4'096), text) << "not as it is shown";
            EXPECT_EQ(marks_of(say(Language::en, Text(i))), marks_of(text)) << text;
        }
    }
}

TEST(Texts, AnIncompleteTableIsSeen) {
    TextTable table = texts_en();
    EXPECT_TRUE(is_complete(table));
    table[5].words = "";
    EXPECT_FALSE(is_complete(table));
    table = texts_en();
    std::swap(table[5], table[6]);
    EXPECT_FALSE(is_complete(table));
}

TEST(Texts, KeysFitOnTheirLine) {
    for (int i = 0; i < language_count; ++i) {
        for (const Text text : {Text::keys_status, Text::keys_status_new, Text::keys_menu,
                                Text::keys_form, Text::keys_question, Text::keys_reading}) {
            EXPECT_LE(width_of(say(Language(i), text)), 70) << say(Language(i), text);
        }
    }
}

TEST(Texts, LanguagesHaveCodes) {
    EXPECT_EQ(language_of("pt"), Language::pt);
    EXPECT_EQ(language_of("xx"), std::nullopt);
    EXPECT_EQ(code_of(Language::ru), "ru");
    EXPECT_EQ(next_language(Language::ru), Language::en);
}

}  // namespace
}  // namespace postern::console
