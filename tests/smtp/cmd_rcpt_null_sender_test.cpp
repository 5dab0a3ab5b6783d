// Mail from nobody: bounces and notices. It has a recipient, it is answered by nothing, and what is
// refused at RCPT makes none. RFC 5321 §4.5.5, §6.1; RFC 3461 §6.2.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

const std::string letter_from_nobody = "DATA\r\nSubject: a bounce\r\n\r\n.\r\n";

std::string from_nobody(std::string_view recipients) {
    return "MAIL FROM:<>\r\n" + std::string(recipients) + letter_from_nobody;
}

GatewayOptions one_at_a_time() {
    GatewayOptions options = quiet();
    options.smtp.null_sender_recipients_max = 1;
    return options;
}

TEST(NullSender, HasOneRecipientAndTheRestWaitForAnotherTransaction) {
    Gateway gateway(one_at_a_time());
    const std::string output = gateway.talk(
        port_smtp, ehlo +
                       from_nobody("RCPT TO:<bob@example.test>\r\nRCPT TO:<alice@example.test>\r\n"
                                   "RCPT TO:<team@example.test>\r\n") +
                       from_nobody("RCPT TO:<alice@example.test>\r\n") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "452 4.5.3"), 2u) << output;
    EXPECT_EQ(count_of(output, "Queued as"), 2u) << output;
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
}

TEST(NullSender, HowManyItHasIsSaidBySettings) {
    for (const std::uint32_t most : {2u, 0u}) {
        GatewayOptions options = quiet();
        options.smtp.null_sender_recipients_max = most;
        Gateway gateway(std::move(options));
        const std::string output = gateway.talk(
            port_smtp,
            ehlo + from_nobody(repeat("RCPT TO:<bob@example.test>\r\n", 3)) + "QUIT\r\n");
        EXPECT_EQ(count_of(output, "452 4.5.3"), most == 2 ? 1u : 0u) << output;
        EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    }
}

TEST(NullSender, OthersMayHaveMany) {
    Gateway gateway(one_at_a_time());
    const std::string somebody =
        gateway.talk(port_smtp, ehlo + "MAIL FROM:<a@elsewhere.test>\r\n" +
                                    repeat("RCPT TO:<bob@example.test>\r\n", 3) + "QUIT\r\n");
    EXPECT_EQ(count_of(somebody, "250 2.1.5"), 3u) << somebody;
    const std::string lmtp = gateway.talk(
        transcripts::port_lmtp, "LHLO relay.elsewhere.test\r\nMAIL FROM:<>\r\n" +
                                    repeat("RCPT TO:<bob@example.test>\r\n", 3) + "QUIT\r\n");
    EXPECT_EQ(count_of(lmtp, "250 2.1.5"), 3u) << "who asks for us has split it already: " << lmtp;
}

// Neither its refusal nor its delivery makes mail.
TEST(NullSender, IsAnsweredByNothing) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        port_smtp, ehlo +
                       from_nobody("RCPT TO:<nobody@example.test>\r\nRCPT TO:<x@far.test>\r\n"
                                   "RCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE,DELAY\r\n") +
                       "QUIT\r\n");
    EXPECT_EQ(count_of(output, "550 5.1.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "550 5.7.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
    EXPECT_TRUE(gateway.queued().empty());
}

// What goes on stays from nobody: a reverse-path of ours would bring a bounce of the bounce.
TEST(NullSender, StaysSoWhereAnAliasLeadsAway) {
    Gateway gateway(quiet());
    gateway.talk(port_smtp, ehlo + from_nobody("RCPT TO:<away@example.test>\r\n") + "QUIT\r\n");
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    EXPECT_EQ(queued[0].envelope.sender, "");
    EXPECT_EQ(queued[0].envelope.recipients.at(0).address, "bob@elsewhere.test");
}

// RFC 5321 §6.1: who is refused at RCPT is told by the reply alone, whoever the sender is.
TEST(NullSender, RefusalsAtRcptMakeNoBackscatter) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo +
                                    "MAIL FROM:<victim@elsewhere.test>\r\n"
                                    "RCPT TO:<nobody@example.test> NOTIFY=FAILURE\r\n"
                                    "RCPT TO:<x@far.test> NOTIFY=FAILURE\r\n"
                                    "RCPT TO:<bob@example.test> NOTIFY=FAILURE\r\n" +
                                    letter_from_nobody + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    EXPECT_TRUE(gateway.queued().empty());
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
    EXPECT_TRUE(gateway.inbox(alice).empty());
}

}  // namespace
}  // namespace postern::smtp
