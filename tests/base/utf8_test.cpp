// Code points there and back, at the sizes of their forms. RFC 3629 §3.
#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include "base/ascii.hpp"

namespace postern {
namespace {

TEST(Utf8, ThereAndBack) {
    for (const std::uint32_t point :
         {0x01u, 0x7fu, 0x80u, 0x7ffu, 0x800u, 0xffffu, 0x10000u, 0x10ffffu}) {
        std::string text;
        append_utf8(text, point);
        EXPECT_TRUE(is_valid_utf8(text)) << point;
        text += "x";
        std::string_view rest = text;
        EXPECT_EQ(take_code_point(rest), point);
        EXPECT_EQ(rest, "x");
    }
    std::string surrogate;
    append_utf8(surrogate, 0xd800);
    EXPECT_FALSE(is_valid_utf8(surrogate));
}

}  // namespace
}  // namespace postern
