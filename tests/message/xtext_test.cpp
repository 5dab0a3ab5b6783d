// xtext: malformed first. RFC 3461 §4.
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

}  // namespace
}  // namespace postern::message
