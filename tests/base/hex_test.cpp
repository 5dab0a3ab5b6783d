// Hexadecimal digits and escapes: what is none first.
#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

TEST(Hex, RefusesWhatIsNotHex) {
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
    EXPECT_FALSE(from_hex(" 0"));
    EXPECT_FALSE(parse_hex(""));
    EXPECT_FALSE(parse_hex("0A"));
    EXPECT_FALSE(parse_hex("12345678123456780"));
}

TEST(Hex, ThereAndBack) {
    EXPECT_EQ(from_hex("00FFa1"), std::string("\0\xff\xa1", 3));
    EXPECT_EQ(to_hex(std::string_view("\0\xff\xa1", 3)), "00ffa1");
    EXPECT_EQ(from_hex(""), "");
    EXPECT_EQ(format_hex(0x1234abcd, 6), "34abcd");
    EXPECT_EQ(parse_hex("34abcd"), 0x34abcdU);
}

TEST(Escape, NeedsItsMarkAndTwoDigits) {
    for (const char* text : {"", "%", "%4", "%4g", "=41", "x%41"}) {
        EXPECT_FALSE(parse_escape(text, '%')) << text;
    }
    EXPECT_EQ(parse_escape("%2fx", '%'), '/');
    std::string out;
    append_escape(out, '=', '\xe7');
    EXPECT_EQ(out, "=E7");
}

}  // namespace
}  // namespace postern
