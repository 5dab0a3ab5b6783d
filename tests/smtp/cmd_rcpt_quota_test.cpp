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

// RFC 1870 §6.1: the size that MAIL states counts.
TEST(RcptQuota, WhatIsStatedToBeTooLargeIsRefused) {
    GatewayOptions options = quiet();
    options.bob_bytes_max = 10'000;
    Gateway gateway(options);
    const auto rcpt = [&](const std::string& size) {
        const std::string output =
            gateway.talk(port_smtp, ehlo + "MAIL FROM:<a@elsewhere.test>" + size +
                                        "\r\nRCPT TO:<bob@example.test>\r\nQUIT\r\n");
        return code_before_the_end(output, 1);
    };
    EXPECT_EQ(rcpt(" SIZE=10001"), "452 4.2.2");
    EXPECT_EQ(rcpt(" SIZE=10000"), "250 2.1.5");
    EXPECT_EQ(rcpt(""), "250 2.1.5");
}

}  // namespace
}  // namespace postern::smtp
