// The catalogue of texts and the choice of a language. RFC 6856 §3, RFC 4647 §3.4.
#include "pop3/texts.hpp"

#include <gtest/gtest.h>

#include "base/ascii.hpp"

namespace postern::pop3 {
namespace {

TEST(Texts, UnknownLanguagesAndTexts) {
    for (const char* range : {"", "x", "engl", "mul", "-", "*-en", "p", "rus"}) {
        EXPECT_FALSE(find_language(range)) << range;
    }
    EXPECT_EQ(translate("Nobody has said this", Language::russian), "Nobody has said this");
    EXPECT_EQ(translate("", Language::portuguese), "");
}

TEST(Texts, LanguagesByTheirTags) {
    EXPECT_EQ(find_language("*")->tag, "en");
    EXPECT_EQ(find_language("PT-br")->tag, "pt");
    EXPECT_EQ(find_language("ru-Cyrl-RU")->tag, "ru");
    EXPECT_EQ(translate("Goodbye", Language::english), "Goodbye");
    EXPECT_EQ(translate("Goodbye", Language::portuguese), "Até à próxima");
    EXPECT_EQ(translate("Goodbye", Language::russian), "До свидания");
    EXPECT_EQ(translate("# messages", Language::russian), "Сообщений: #");
}

}  // namespace
}  // namespace postern::pop3
