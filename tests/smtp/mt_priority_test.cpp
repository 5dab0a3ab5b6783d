// MT-PRIORITY: malformed values, who may ask for more than the usual, and that it is kept and said.
// RFC 6710 §3, §4.1, §7.
#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(MtPriority, MalformedOnesAreRefused) {
    for (const char* text : {"MT-PRIORITY", "MT-PRIORITY=10", "MT-PRIORITY=-0", "MT-PRIORITY=+1",
                             "MT-PRIORITY=-10", "MT-PRIORITY=x"}) {
        EXPECT_EQ(ask(text).refusal, "501 5.5.2") << text;
    }
}

TEST(MtPriority, StrangersGetNoMoreThanTheUsual) {
    EXPECT_EQ(ask("MT-PRIORITY=3", false).wanted.priority, 0) << "lowered";
    EXPECT_EQ(ask("MT-PRIORITY=-3", false).wanted.priority, -3);
    EXPECT_EQ(ask("MT-PRIORITY=9").wanted.priority, 9);
    EXPECT_EQ(ask("MT-PRIORITY=-9").wanted.priority, -9);
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo +
                                    "MAIL FROM:<a@b.test> MT-PRIORITY=3\r\nRSET\r\n"
                                    "MAIL FROM:<a@b.test> MT-PRIORITY=-3\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.3.6"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.1.0"), 1u) << output;
}

TEST(MtPriority, IsKeptAndSaid) {
    Gateway gateway(open_login());
    send_with(gateway, port_submission, " MT-PRIORITY=4", "RCPT TO:<bob@example.test>");
    const auto messages = gateway.inbox(bob);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(count_of(messages[0], "\r\n\tPRIORITY 4;\r\n"), 1u) << messages[0];
    send_with(gateway, port_submission, " MT-PRIORITY=4");
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    EXPECT_EQ(queued[0].envelope.priority, 4);
}

TEST(MtPriority, IsOffered) {
    EXPECT_EQ(count_of(greeted(port_smtp), "250-MT-PRIORITY\r\n"), 1u);
}

}  // namespace
}  // namespace postern::smtp
