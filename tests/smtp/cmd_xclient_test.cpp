// XCLIENT: malformed attributes, and only from the list.
#include "smtp/cmd_xclient.hpp"

#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Xclient, MalformedAttributes) {
    for (const char* text :
         {"", "ADDR", "ADDR=", "ADDR=x", "ADDR=1.2.3", "WHAT=x", "ADDR=1.2.3.4 ADDR=1.2.3.5",
          "PROTO=UUCP", "HELO=a+20b", "HELO=a+zz", "LOGIN", "ADDR=IPV6:1:2"}) {
        EXPECT_FALSE(parse_xclient_arguments(text)) << text;
    }
    const auto facts = parse_xclient_arguments(
        "NAME=[UNAVAILABLE] ADDR=IPV6:2001:DB8::1 PORT=25 PROTO=ESMTP HELO=relay+2Etest");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->address, "2001:db8::1");
    EXPECT_EQ(facts->helo, "relay.test");
    EXPECT_FALSE(parse_xclient_arguments("ADDR=[UNAVAILABLE]")->address);
}

TEST(Xclient, ListedOnesSpeakForTheirClients) {
    GatewayOptions options = quiet();
    options.xclient_networks = {*net::parse_network("10.0.0.0/24")};
    Gateway gateway(options);
    const std::string output = gateway.talk(
        port_smtp, ehlo + "XCLIENT ADDR=192.0.2.7 HELO=client.test\r\nMAIL FROM:<>\r\n" + ehlo +
                       mail_to_bob("Subject: x\r\n\r\n.\r\n") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "250-XCLIENT NAME ADDR"), 2u) << output;
    EXPECT_EQ(count_of(output, "220 mail.example.test"), 2u) << output;
    EXPECT_EQ(count_of(output, "503 5.5.1"), 1u) << "it begins anew";
    const auto messages = gateway.inbox(bob);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(count_of(messages[0], "from client.test ([192.0.2.7])"), 1u) << messages[0];
}

TEST(Xclient, LoginIsBelieved) {
    GatewayOptions options = quiet();
    options.xclient_networks = {*net::parse_network("10.0.0.0/24")};
    Gateway gateway(options);
    const std::string output = gateway.talk(
        port_smtp, ehlo + "XCLIENT LOGIN=mallory@example.test\r\n" +
                       "XCLIENT LOGIN=alice@example.test\r\n" + ehlo +
                       "MAIL FROM:<alice@example.test>\r\nRCPT TO:<c@elsewhere.test>\r\n"
                       "RSET\r\nXCLIENT LOGIN=[UNAVAILABLE]\r\n" +
                       ehlo +
                       "MAIL FROM:<alice@example.test>\r\nRCPT TO:<c@elsewhere.test>\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "501 5.5.4 No such user in LOGIN"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.1.5"), 1u) << output;
    EXPECT_EQ(count_of(output, "550 5.7.1 Relaying denied"), 1u) << output;
}

TEST(Xclient, OthersDoNot) {
    GatewayOptions options = quiet();
    options.xclient_networks = {*net::parse_network("10.0.1.0/24")};
    Gateway gateway(options);
    const std::string output = gateway.talk(port_smtp, ehlo + "XCLIENT ADDR=192.0.2.7\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "XCLIENT"), 0u) << output;
    EXPECT_EQ(count_of(output, "550 5.7.0"), 1u) << output;
}

}  // namespace
}  // namespace postern::smtp
