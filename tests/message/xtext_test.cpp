// xtext and unitext: malformed first. RFC 3461 §4, RFC 6533 §3.
#include "message/xtext.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

TEST(Xtext, IsHexEscapedPrintableAscii) {
    for (const char* text : {"+", "+2", "+2x", "+2f", "a b", "a=b", "\xc3\xa9"}) {
        EXPECT_FALSE(is_xtext(text)) << text;
    }
    for (const char* text : {"", "<>", "e+3Dmc2@example.com"}) EXPECT_TRUE(is_xtext(text)) << text;
}

TEST(Xtext, HidesNothingThatIsNotPrintable) {
    for (const char* text : {"+", "a+2", "+zz", "+0A", "+0D+0Ax", "+00", "+7F", "+FF"}) {
        EXPECT_FALSE(decode_xtext(text)) << text;
    }
    EXPECT_EQ(decode_xtext(""), "");
    EXPECT_EQ(decode_xtext("a+2Bb+3D@c"), "a+b=@c");
    EXPECT_EQ(encode_xtext("a+b=@c d"), "a+2Bb+3D@c+20d");
}

TEST(Unitext, IsPointsInBraces) {
    for (const char* text : {"a b", "a=b", "a+b", "\\", "\\x", "\\x{}", "\\x{9}", "\\x{1234567}",
                             "\\x{E9", "\\x{EX}", "\\u{E9}", "\\x{110000}", "\\x{D800}", "\xff"}) {
        EXPECT_FALSE(decode_unitext(text)) << text;
    }
    EXPECT_EQ(decode_unitext("j\\x{F8}rn\\x{2B}\\x{65E5}\\x{1F4EE}@one.test"),
              "j\xc3\xb8rn+\xe6\x97\xa5\xf0\x9f\x93\xae@one.test");
    EXPECT_EQ(decode_unitext("j\xc3\xb8rn@one.test"), "j\xc3\xb8rn@one.test");
    EXPECT_EQ(encode_unitext("j\xc3\xb8rn+\xe6\x97\xa5\xf0\x9f\x93\xae \\@=.test"),
              "j\\x{F8}rn\\x{2B}\\x{65E5}\\x{1F4EE}\\x{20}\\x{5C}@\\x{3D}.test");
    EXPECT_EQ(encode_unitext("\xff\x01"), "\\x{FF}\\x{01}") << "no UTF-8: byte by byte";
}

}  // namespace
}  // namespace postern::message
