// SASLprep: what is prohibited first, then the examples of RFC 4013 §3.
#include "auth/saslprep.hpp"

#include <gtest/gtest.h>

namespace postern::auth {
namespace {

TEST(Saslprep, RefusesWhatIsProhibited) {
    EXPECT_EQ(apply_saslprep("\xc3").error().code, ErrorCode::not_utf8);
    for (const char* bad : {"\x07", "a\x7f", "\xee\x80\x80", "\xef\xbf\xbd", "\xe2\x80\x8e",
                            "\xd8\xa7"
                            "1",                    // RFC 4013 §3: U+0627 U+0031
                            "\xf3\xa0\x80\x81"}) {  // tagging characters
        EXPECT_EQ(apply_saslprep(bad).error().code, ErrorCode::forbidden_byte) << bad;
    }
}

TEST(Saslprep, PublishedExamples) {
    EXPECT_EQ(apply_saslprep("I\xc2\xadX").value(), "IX");
    EXPECT_EQ(apply_saslprep("user").value(), "user");
    EXPECT_EQ(apply_saslprep("USER").value(), "USER");
    EXPECT_EQ(apply_saslprep("\xc2\xaa").value(), "a");
    EXPECT_EQ(apply_saslprep("\xe2\x85\xa8").value(), "IX");
    EXPECT_EQ(apply_saslprep("").value(), "");
    EXPECT_EQ(apply_saslprep("a\xc2\xa0z").value(), "a z");  // RFC 3454 §C.1.2
    EXPECT_EQ(apply_saslprep("a\xcc\x88").value(), "\xc3\xa4");
}

}  // namespace
}  // namespace postern::auth
