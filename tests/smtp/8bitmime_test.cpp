// 8BITMIME: what BODY may say, and that bodies come through as they were sent, declared or not.
// RFC 6152 §2, §3.
#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(EightBitMime, MalformedOnesAreRefused) {
    for (const char* text : {"BODY", "BODY=", "BODY=9BIT", "BODY=8BITMIME BODY=7BIT",
                             "BODY=8BITMIM", "BODY=8BITMIMEX"}) {
        EXPECT_TRUE(is_refused(text)) << text;
    }
    EXPECT_EQ(ask("BODY=7BIT").refusal, "");
    EXPECT_EQ(ask("body=8bitmime").refusal, "");
}

TEST(EightBitMime, BodiesComeThrough) {
    const std::string body = "Subject: x\r\n\r\ngr\xc3\xbc\xc3\x9f\r\n\xff\x80\r\n";
    for (const char* parameter : {" BODY=8BITMIME", " BODY=7BIT", ""}) {
        Gateway gateway(quiet());
        gateway.talk(port_smtp, ehlo + "MAIL FROM:<a@elsewhere.test>" + parameter +
                                    "\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n" + body +
                                    ".\r\nQUIT\r\n");
        const auto messages = gateway.inbox(bob);
        ASSERT_EQ(messages.size(), 1u) << parameter;
        EXPECT_TRUE(messages[0].ends_with("+0000\r\n" + body)) << parameter;
    }
}

// What the next hop has to be asked for is what is there, not what was said.
TEST(EightBitMime, TheQueueKnowsWhatIsThere) {
    for (const bool is_eight_bit : {false, true}) {
        Gateway gateway(open_login());
        const std::string data =
            is_eight_bit ? "Subject: x\r\n\r\n\xc3\xbc\r\n" : "x: y\r\n\r\nz\r\n";
        gateway.talk(port_submission, ehlo +
                                          "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
                                          "MAIL FROM:<alice@example.test> BODY=8BITMIME\r\n"
                                          "RCPT TO:<a@one.test>\r\nDATA\r\n" +
                                          data + ".\r\nQUIT\r\n");
        const auto queued = gateway.queued();
        ASSERT_EQ(queued.size(), 1u);
        EXPECT_EQ(queued[0].envelope.facts.has_8bit, is_eight_bit);
        EXPECT_EQ(queued[0].envelope.body == queue::BodyKind::eight_bit, is_eight_bit);
    }
}

TEST(EightBitMime, IsOffered) {
    EXPECT_EQ(count_of(greeted(port_smtp), "250-8BITMIME\r\n"), 1u);
}

}  // namespace
}  // namespace postern::smtp
