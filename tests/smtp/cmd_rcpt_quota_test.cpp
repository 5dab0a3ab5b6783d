// A full mailbox is refused at RCPT. RFC 3463 §3.3 (X.2.2).
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(RcptQuota, AFullMailboxIsRefusedBeforeTheMessage) {
    Gateway gateway(quiet());
    const std::string rest = "Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n";
    const std::string first = gateway.talk(port_smtp, ehlo + mail_to("full@example.test", rest));
    EXPECT_EQ(code_before_the_end(first, 1), "250 2.0.0") << first;
    const std::string second = gateway.talk(
        port_smtp, ehlo +
                       "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<full@example.test>\r\nDATA\r\n" +
                       "RCPT TO:<bob@example.test>\r\nDATA\r\n" + rest);
    EXPECT_EQ(code_before_the_end(second, 5), "452 4.2.2") << second;
    EXPECT_EQ(code_before_the_end(second, 1), "250 2.0.0") << second;
    EXPECT_EQ(gateway.inbox("example.test/full").size(), 1u);
    EXPECT_EQ(gateway.inbox("example.test/bob").size(), 1u);
}

}  // namespace
}  // namespace postern::smtp
