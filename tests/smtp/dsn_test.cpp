// DSN: delivery status notifications as the server takes part in them: NOTIFY and ORCPT, malformed
// first, and the report about what was delivered here. RFC 3461 §4.1, §4.2, §5.2, RFC 6533 §3.
#include <gtest/gtest.h>

#include "smtp/cmd_rcpt.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Dsn, NotifyIsNeverOrAList) {
    for (const char* text : {"", "X", "SUCCESS,", ",SUCCESS", "SUCCESS,,DELAY", "NEVER,SUCCESS",
                             "SUCCESS,NEVER", "SUCCESS,SUCCESS", "SUCCESS DELAY"}) {
        EXPECT_FALSE(parse_notify(text)) << text;
    }
    EXPECT_EQ(parse_notify("never"), queue::notify::never);
    EXPECT_EQ(parse_notify("Delay,success,FAILURE"),
              queue::notify::delay | queue::notify::success | queue::notify::failure);
}

TEST(Dsn, OriginalRecipientsAreTypedXtext) {
    const auto good = [](std::string_view text, Utf8Addresses utf8 = Utf8Addresses::refused) {
        return is_original_recipient(text, utf8);
    };
    EXPECT_FALSE(good(""));
    EXPECT_FALSE(good("rfc822"));
    EXPECT_FALSE(good("rfc822;"));
    EXPECT_FALSE(good(";a@b.test"));
    EXPECT_FALSE(good("rfc 822;a@b.test"));
    EXPECT_FALSE(good("rfc822;a+0D+0Ab"));
    EXPECT_FALSE(good("rfc822;a+2"));
    EXPECT_FALSE(good("rfc822;\xc3\xa4@b.test", Utf8Addresses::allowed));
    EXPECT_FALSE(good("utf-8;\xc3\xa4@b.test"));
    EXPECT_TRUE(good("utf-8;\xc3\xa4@b.test", Utf8Addresses::allowed));
    EXPECT_TRUE(good("utf-8;\\x{e4}@b.test"));
    EXPECT_TRUE(good("rfc822;a+2Bb@b.test"));
    EXPECT_TRUE(good("rfc822;" + std::string(493, 'x')));
    EXPECT_FALSE(good("rfc822;" + std::string(494, 'x')));
}

TEST(Dsn, BadOnesAreRefusedAtRcpt) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo +
                                    "MAIL FROM:<a@elsewhere.test>\r\n"
                                    "RCPT TO:<bob@example.test> NOTIFY\r\n"
                                    "RCPT TO:<bob@example.test> NOTIFY=SOMETIMES\r\n"
                                    "RCPT TO:<bob@example.test> ORCPT=bob\r\n"
                                    "RCPT TO:<bob@example.test> NOTIFY=NEVER NOTIFY=NEVER\r\n"
                                    "QUIT\r\n");
    EXPECT_EQ(count_of(output, "501 5.5.4"), 4u) << output;
}

std::size_t reports_for(std::string_view rcpt_parameters, std::string_view to) {
    Gateway gateway(quiet());
    gateway.talk(port_smtp, ehlo + "MAIL FROM:<a@elsewhere.test> ENVID=me\r\nRCPT TO:<" +
                                std::string(to) + ">" + std::string(rcpt_parameters) +
                                "\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
    std::size_t reports = 0;
    for (const auto& entry : gateway.queued()) {
        if (entry.envelope.sender.empty()) ++reports;
    }
    return reports;
}

TEST(Dsn, DeliveredHereIsReportedToWhoAsked) {
    EXPECT_EQ(reports_for("", "bob@example.test"), 0u);
    EXPECT_EQ(reports_for(" NOTIFY=FAILURE", "bob@example.test"), 0u);
    EXPECT_EQ(reports_for(" NOTIFY=NEVER", "bob@example.test"), 0u);
    EXPECT_EQ(reports_for(" NOTIFY=SUCCESS", "bob@example.test"), 1u);
    EXPECT_EQ(reports_for(" NOTIFY=FAILURE,SUCCESS", "team@example.test"), 1u);
}

TEST(Dsn, AnAliasThatLeadsElsewhereKeepsTheAddressTheSenderKnows) {
    Gateway gateway(quiet());
    gateway.talk(port_smtp, ehlo +
                                "MAIL FROM:<a@elsewhere.test>\r\n"
                                "RCPT TO:<away@example.test> NOTIFY=FAILURE\r\n"
                                "DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    ASSERT_EQ(queued[0].envelope.recipients.size(), 1u);
    EXPECT_EQ(queued[0].envelope.recipients[0].address, "bob@elsewhere.test");
    EXPECT_EQ(queued[0].envelope.recipients[0].original_recipient, "rfc822;away@example.test");
    EXPECT_EQ(queued[0].envelope.recipients[0].notify, queue::notify::failure);
}

}  // namespace
}  // namespace postern::smtp
