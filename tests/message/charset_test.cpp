// Charsets: unknown and broken first, then one of each family mail uses; folding for SEARCH.
#include "message/charset.hpp"

#include <gtest/gtest.h>

namespace postern::message {

TEST(Charset, UnknownAndBroken) {
    EXPECT_FALSE(is_known_charset("x-no-such-thing"));
    EXPECT_FALSE(is_known_charset(""));
    EXPECT_FALSE(is_known_charset("utf-8,swaplfnl"));
    EXPECT_FALSE(is_known_charset(std::string(1000, 'a')));
    EXPECT_EQ(to_utf8("caf\xc3\xa9", "x-no-such-thing"), "caf\xc3\xa9");
    EXPECT_EQ(to_utf8("caf\xe9!", "x-no-such-thing"), "caf\xef\xbf\xbd!");
    EXPECT_EQ(to_utf8("a\xc3", "utf-8"), "a\xef\xbf\xbd");
    EXPECT_EQ(repair_utf8("a\xff\xc3\xa9\xe2\x82"),
              "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(to_utf8("", "koi8-r"), "");
}

TEST(Charset, Families) {
    EXPECT_EQ(to_utf8("\xf0\xd2\xc9\xd7\xc5\xd4", "KOI8-R"), "Привет");
    EXPECT_EQ(to_utf8("\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251"), "Привет");
    EXPECT_EQ(to_utf8("J\xf8rn \x80", "iso-8859-1"), "Jørn €");  // windows-1252 under that label
    EXPECT_EQ(to_utf8("\x1b$B$3$s\x1b(B!", "iso-2022-jp"), "こん!");
    EXPECT_EQ(to_utf8("\xa4\xb3", "euc-jp"), "こ");
    EXPECT_EQ(to_utf8("\xc4\xe3\xba\xc3", "gb2312"), "你好");
    EXPECT_EQ(to_utf8("\xa7\x41", "big5"), "你");
    EXPECT_EQ(to_utf8("\xb1\xe8", "ks_c_5601-1987"), "김");
    EXPECT_EQ(to_utf8(std::string_view("\xfe\xff\x00\x41\x04\x14", 6), "utf-16"), "AД");
    EXPECT_EQ(to_utf8("Hi Mom -+Jjo--!", "utf-7"), "Hi Mom -☺-!");  // RFC 2152 §2
    EXPECT_EQ(to_utf8("plain \xc3\xa9", " US-ASCII "), "plain é");  // mislabelled
}

TEST(Charset, StreamCutAnywhere) {
    std::string_view text = "\x1b$B$3$s\x1b(B!";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        std::string out;
        CharsetDecoder decoder("iso-2022-jp");
        decoder.feed(text.substr(0, cut), out);
        decoder.feed(text.substr(cut), out);
        decoder.finish(out);
        EXPECT_EQ(out, "こん!") << cut;
    }
    std::string long_text(10'000, '\xf0');
    EXPECT_EQ(to_utf8(long_text, "koi8-r").size(), 20'000u);
}

// RFC 5051 §2: case and compatibility forms are equal, other letters are not.
TEST(Fold, Equivalences) {
    EXPECT_EQ(fold_for_search("HeLLo"), "hello");
    EXPECT_EQ(fold_for_search("ПРИВЕТ"), fold_for_search("привет"));
    EXPECT_EQ(fold_for_search("STRASSE"), fold_for_search("straße"));
    EXPECT_EQ(fold_for_search("É"), fold_for_search("e\xcc\x81"));
    EXPECT_EQ(fold_for_search("ＡＢＣ"), "abc");
    EXPECT_EQ(fold_for_search("ﬁ"), "fi");
    EXPECT_EQ(fold_for_search("Σίσυφος"), fold_for_search("ΣΊΣΥΦΟΣ"));
    EXPECT_NE(fold_for_search("é"), fold_for_search("e"));
    EXPECT_EQ(fold_for_search("a\xff"
                              "b"),
              "a\xef\xbf\xbd"
              "b");
}

TEST(Fold, DomainLowerCase) {
    EXPECT_EQ(lower_case_nfc("BÜCHER.Example"), "bücher.example");
    EXPECT_EQ(lower_case_nfc("u\xcc\x88"), "ü");
}

}  // namespace postern::message
