// Replies on the wire. RFC 5321 §4.2.1, RFC 2034 §4.
#include "smtp/reply.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(Reply, OfNothingIsNothing) {
    EXPECT_EQ(format_reply(Reply{}), "");
}

TEST(Reply, CarriesTheEnhancedCodeOnEachLine) {
    EXPECT_EQ(format_reply({Code::refused, status::unknown_mailbox, "No such user"}),
              "550 5.1.1 No such user\r\n");
    EXPECT_EQ(format_reply({Code::refused, status::bare_cr_or_lf, "x"}), "550 5.6.11 x\r\n");
    EXPECT_EQ(format_reply({Code::help, status::other, "one\ntwo\nthree"}),
              "214-2.0.0 one\r\n214-2.0.0 two\r\n214 2.0.0 three\r\n");
}

TEST(Reply, ChallengeKeepsItsSpace) {
    EXPECT_EQ(format_reply({Code::challenge, status::absent, ""}), "334 \r\n");
}

TEST(Reply, FailuresOfOurOwnAreNotThePeersFault) {
    const auto code = [](ErrorCode c) {
        return format_reply(reply_to_failure({ErrorKind::internal, c, 0, ""})).substr(0, 9);
    };
    EXPECT_EQ(code(ErrorCode::no_space), "452 4.3.1");
    EXPECT_EQ(code(ErrorCode::over_quota), "452 4.2.2");
    EXPECT_EQ(code(ErrorCode::io), "451 4.3.0");
    EXPECT_EQ(code(ErrorCode::corrupt), "451 4.3.0");
    EXPECT_EQ(code(ErrorCode::too_big), "552 5.3.4");
}

}  // namespace
}  // namespace postern::smtp
