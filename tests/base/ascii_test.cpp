// Malformed UTF-8, numbers at their limits, and bytes that must not reach a terminal.
#include "base/ascii.hpp"

#include <gtest/gtest.h>

namespace postern {

TEST(Ascii, InvalidUtf8IsRefused) {
    for (std::string_view bad : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                 "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "abc\xe2\x82"}) {
        EXPECT_FALSE(is_valid_utf8(bad));
    }
    EXPECT_TRUE(is_valid_utf8("ação ПИСЬМО 日本 \xf4\x8f\xbf\xbf"));
}

TEST(Ascii, DecimalAtItsLimits) {
    for (std::string_view bad : {"", "-1", "+1", " 1", "1 ", "1a", "18446744073709551616"}) {
        EXPECT_FALSE(parse_decimal(bad)) << bad;
    }
    EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615u);
    EXPECT_EQ(parse_decimal32("4294967295"), 4294967295u);
    EXPECT_FALSE(parse_decimal32("4294967296"));
}

TEST(Ascii, CaseIsAsciiOnly) {
    EXPECT_TRUE(iequals("iNbOx", "INBOX"));
    EXPECT_FALSE(iequals("É", "é"));
    EXPECT_FALSE(iequals("[", "{"));
    EXPECT_TRUE(istarts_with("MAIL FROM:<>", "mail from:"));
    EXPECT_EQ(trim_wsp(" \t a b\t "), "a b");
}

TEST(Ascii, LogEscapes) {
    EXPECT_EQ(escape_for_log("a\r\nb\x1b[31m\"\\"), "a\\x0d\\x0ab\\x1b[31m\\\"\\\\");
    EXPECT_EQ(escape_for_log("ação"), "ação");
    EXPECT_EQ(escape_for_log("\xc2\x9b"), "\\xc2\\x9b");
    EXPECT_EQ(escape_for_log("\xff"), "\\xff");
    EXPECT_EQ(escape_for_log("abcdef", 3), "abc…");
}

TEST(Ascii, EightBitAtEveryPosition) {
    for (std::size_t size = 0; size < 20; ++size) {
        std::string text(size, '\x7f');
        EXPECT_FALSE(has_8bit(text));
        for (std::size_t at = 0; at < size; ++at) {
            std::string one = text;
            one[at] = '\x80';
            EXPECT_TRUE(has_8bit(one)) << size << " " << at;
        }
    }
}

}  // namespace postern
