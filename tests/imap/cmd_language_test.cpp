// LANGUAGE: replies in Portuguese and Russian. RFC 5255 §3.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "imap/language.hpp"

namespace postern::imap {
namespace {

TEST(Language, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a LANGUAGE MUL
        S: a NO Language not supported
        C: a LANGUAGE (PT)
        S: a BAD Invalid argument
        C: a LANGUAGE
        S: * LANGUAGE (EN PT RU i-default)
        S: a OK LANGUAGE completed
    )");
}

// RFC 5255 §3.3: from the LANGUAGE response on; the choice made before the login lasts. §3.4: how
// to show the prefix of others' mailboxes.
TEST(Language, ChangesTheTexts) {
    BedOptions options;
    options.shards = 3;
    Bed bed(options);
    bed.play(R"(
        S: * OK ...
        C: a LANGUAGE FR-CA pt-BR
        S: * LANGUAGE (PT)
        S: a OK LANGUAGE concluído
        C: b NONSENSE
        S: b BAD Comando desconhecido
        C: c LOGIN alice secret
        S: c OK [CAPABILITY ...] LOGIN concluído
        C: n NAMESPACE
        S: * NAMESPACE (("" "/")) (("Shared/" "/" "TRANSLATION" ("Compartilhado/"))) NIL
        S: n OK NAMESPACE concluído
        C: d SELECT Nowhere
        S: d NO [NONEXISTENT] Não há tal caixa de correio ou mensagem
        C: e LANGUAGE "RU"
        S: * LANGUAGE (RU)
        S: * NAMESPACE (("" "/")) (("Shared/" "/" "TRANSLATION" ("&BB4EMQRJBDgENQ-/"))) NIL
        S: e OK LANGUAGE — выполнено
        C: f STATUS INBOX (FOO)
        S: f BAD Неизвестный элемент STATUS
        C: g LANGUAGE default
        S: * LANGUAGE (EN)
        S: * NAMESPACE (("" "/")) (("Shared/" "/")) NIL
        S: g OK LANGUAGE completed
    )");
}

TEST(Language, WhatIsNotInTheTableIsEnglish) {
    EXPECT_EQ(translate(Language::russian, "Something else"), "Something else");
    EXPECT_EQ(translate(Language::english, "Too big"), "Too big");
    EXPECT_NE(translate(Language::portuguese, "Too big"), "Too big");
    EXPECT_EQ(find_language("rumantsch"), std::nullopt);
    EXPECT_EQ(find_language("ru-RU"), Language::russian);
}

}  // namespace
}  // namespace postern::imap
