// Replies on the wire. RFC 1939 §3, RFC 2449 §8, RFC 3206.
#include "pop3/reply.hpp"

#include <gtest/gtest.h>

namespace postern::pop3 {
namespace {

TEST(Reply, OfNothingIsNothing) {
    EXPECT_EQ(format_reply({}), "");
}

TEST(Reply, CarriesItsCode) {
    EXPECT_EQ(format_reply(refusal("No", ResponseCode::authentication)), "-ERR [AUTH] No\r\n");
    EXPECT_EQ(format_reply(refusal("No")), "-ERR No\r\n");
    EXPECT_EQ(format_reply(ok("2 320")), "+OK 2 320\r\n");
    EXPECT_EQ(format_reply(ok("# octets", 320)), "+OK 320 octets\r\n");
    EXPECT_EQ(format_reply(ok("# octets", 320), Language::russian), "+OK Октетов: 320\r\n");
}

TEST(Reply, SaysWhoseFaultAnErrorIs) {
    const auto line = [](ErrorCode code) {
        return format_reply(reply_to_failure({ErrorKind::internal, code, 0, ""}));
    };
    EXPECT_TRUE(line(ErrorCode::in_use).starts_with("-ERR [IN-USE] "));
    EXPECT_TRUE(line(ErrorCode::io).starts_with("-ERR [SYS/TEMP] "));
    EXPECT_EQ(line(ErrorCode::not_found), "-ERR This message is gone\r\n");
}

}  // namespace
}  // namespace postern::pop3
