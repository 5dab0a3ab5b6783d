// The loop of a session: bad lines, limits, timeouts, shutdown. RFC 5321 §4.5.3, §3.8.
// Commands have tests of their own.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(SmtpSession, LinesOverTheLimitAreAnsweredAndSkipped) {
    Gateway gateway(quiet());
    const std::string at_most = "NOOP " + std::string(command_line_bytes_max - 7, 'x') + "\r\n";
    const std::string longer = "NOOP " + std::string(command_line_bytes_max - 6, 'x') + "\r\n";
    const std::string huge = "NOOP " + std::string(1'000'000, 'x') + "\r\n";
    const std::string output = gateway.talk(port_smtp, at_most + longer + huge + "QUIT\r\n");
    const auto lines = lines_of(output);
    ASSERT_EQ(lines.size(), 5u) << output;
    EXPECT_TRUE(lines[1].starts_with("250 2.0.0"));
    EXPECT_TRUE(lines[2].starts_with("500 5.5.2"));
    EXPECT_TRUE(lines[3].starts_with("500 5.5.2"));
    EXPECT_TRUE(lines[4].starts_with("221 2.0.0"));
}

TEST(SmtpSession, TenThousandPipelinedCommands) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo + repeat("NOOP\r\n", 10'000) + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.0.0 Ok\r\n"), 10'000u);
    EXPECT_EQ(code_before_the_end(output, 0), "221 2.0.0");
}

TEST(SmtpSession, EndsAfterTooManyErrors) {
    GatewayOptions options = quiet();
    options.smtp.errors_max = 10;
    Gateway gateway(options);
    const std::string output = gateway.talk(port_smtp, repeat("BOGUS\r\n", 20));
    EXPECT_EQ(count_of(output, "500 5.5.1"), 11u);
    EXPECT_EQ(code_before_the_end(output, 0), "421 4.7.0");
}

TEST(SmtpSession, EndsAfterTooManyCommandsWithoutMail) {
    GatewayOptions options = quiet();
    options.smtp.commands_max = 10;
    Gateway gateway(options);
    const std::string output = gateway.talk(port_smtp, repeat("NOOP\r\n", 20));
    EXPECT_EQ(count_of(output, "250 2.0.0"), 11u);
    EXPECT_EQ(code_before_the_end(output, 0), "421 4.7.0");
}

TEST(SmtpSession, RecipientsBeyondTheLimitWaitForAnotherTransaction) {
    GatewayOptions options = quiet();
    options.smtp.recipients_max = 100;
    Gateway gateway(options);
    const std::string output = gateway.talk(
        port_smtp, ehlo + "MAIL FROM:<>\r\n" + repeat("RCPT TO:<bob@example.test>\r\n", 101) +
                       "DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.1.5"), 100u);
    EXPECT_EQ(count_of(output, "452 4.5.3"), 1u);
    EXPECT_EQ(code_before_the_end(output, 1), "250 2.0.0");
    EXPECT_EQ(gateway.inbox(bob).size(), 1u) << "one mailbox, one copy";
}

TEST(SmtpSession, SilenceEndsWithAWord) {
    Gateway gateway(quiet());
    EXPECT_EQ(code_before_the_end(gateway.talk(port_smtp, ehlo), 0), "421 4.4.2");
    EXPECT_EQ(code_before_the_end(gateway.talk(port_smtp, ehlo + mail_to_bob("half")), 0),
              "421 4.4.2");
    // Half a handshake is not held for ever either.
    EXPECT_EQ(gateway.talk(port_submissions, "CLIENT-"), "");
}

TEST(SmtpSession, AnOrderlyShutdownEndsIdleSessions) {
    Gateway gateway(quiet());
    gateway.world().after(seconds(30), [&] { gateway.drain(); });
    EXPECT_EQ(code_before_the_end(gateway.talk(port_smtp, ehlo), 0), "421 4.3.2");
}

TEST(SmtpSession, EndsWhenItsAccountIsDisabled) {
    Gateway gateway(quiet());
    const MonotonicTime begun = gateway.world().now();
    gateway.disable_later("alice@example.test", seconds(20));
    const std::string login = "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n";  // alice, secret
    const std::string output =
        gateway.talk_slowly(port_submission, "EHLO x\r\nSTARTTLS\r\n",
                            std::string(transcripts::handshake_word) + "EHLO x\r\n" + login +
                                "MAIL FROM:<alice@example.test>\r\n");
    EXPECT_TRUE(
        output.ends_with("250 2.1.0 Sender ok\r\n421 4.7.0 mail.example.test This account "
                         "has been disabled\r\n"))
        << output;
    EXPECT_LT(gateway.world().now(), begun + minutes(1));
    EXPECT_EQ(count_of(gateway.talk(port_smtp, ehlo + mail_to_bob("x\r\n.\r\nQUIT\r\n")),
                       "250 2.0.0 Queued"),
              1u);
}

}  // namespace
}  // namespace postern::smtp
