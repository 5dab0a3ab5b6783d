// Whole sessions on the simulated kernel: limits, timeouts, failures of the disk, ends without
// manners. What is acknowledged is there, what is not is nowhere. RFC 5321 §4.5.3, §4.2.5.
#include "smtp/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "transcripts/gateway.hpp"
#include "transcripts/transcript.hpp"

namespace postern::smtp {
namespace {

using transcripts::Gateway;
using transcripts::GatewayOptions;
using transcripts::port_smtp;
using transcripts::port_submission;
using transcripts::port_submissions;

constexpr const char* alice = "example.test/alice";
constexpr const char* bob = "example.test/bob";

GatewayOptions quiet() {
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    return options;
}

std::string repeat(std::string_view text, std::size_t count) {
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

std::string mail_to(std::string_view recipient, std::string_view data) {
    return "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<" + std::string(recipient) + ">\r\nDATA\r\n" +
           std::string(data);
}
std::string mail_to_bob(std::string_view data) {
    return mail_to("bob@example.test", data);
}
const std::string ehlo = "EHLO relay.elsewhere.test\r\n";

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find("\r\n"), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return lines;
}

// "250 2.0.0" of the line that is so many lines before the last.
std::string code_before_the_end(const std::string& output, std::size_t back) {
    const auto lines = lines_of(output);
    if (lines.size() <= back) return output;
    const std::string& line = lines[lines.size() - 1 - back];
    return line.substr(0, line.find(' ', 4));
}

std::size_t count_of(const std::string& text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t i = text.find(word); i != std::string::npos; i = text.find(word, i + 1)) {
        ++count;
    }
    return count;
}

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

TEST(SmtpSession, OneMessageForAllRecipientsByteForByte) {
    Gateway gateway(quiet());
    const std::string body = "Subject: t\r\n\r\n..\r\n.\xff dot\r\n" + repeat("line\r\n", 2'000);
    std::string wire = body;
    for (std::size_t i = 0; (i = wire.find("\r\n.", i)) != std::string::npos; i += 4) {
        wire.insert(i + 2, ".");
    }
    gateway.talk(port_smtp, ehlo + mail_to("team@example.test", wire + ".\r\n") + "QUIT\r\n");
    for (const char* account : {alice, bob}) {
        const auto messages = gateway.inbox(account);
        ASSERT_EQ(messages.size(), 1u);
        EXPECT_TRUE(messages[0].starts_with("Return-Path: <a@elsewhere.test>\r\nReceived: from "));
        EXPECT_TRUE(messages[0].ends_with("+0000\r\n" + body)) << "nothing added in between";
    }
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST(SmtpSession, SizesAroundTheLimit) {
    GatewayOptions options = quiet();
    options.smtp.message_bytes_max = 10'000;
    Gateway gateway(options);
    const auto answer = [&](std::size_t bytes) {
        const std::string head = "Subject: t\r\n\r\n";
        const std::string data = head + std::string(bytes - head.size() - 2, 'x') + "\r\n.\r\n";
        return code_before_the_end(gateway.talk(port_smtp, ehlo + mail_to_bob(data) + "QUIT\r\n"),
                                   1);
    };
    EXPECT_EQ(answer(9'999), "250 2.0.0");
    EXPECT_EQ(answer(10'000), "250 2.0.0");
    EXPECT_EQ(answer(10'001), "552 5.3.4");
    EXPECT_EQ(answer(500'000), "552 5.3.4");
    EXPECT_EQ(gateway.inbox(bob).size(), 2u);
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST(SmtpSession, DoesNotReadForEverWhatItRefuses) {
    GatewayOptions options = quiet();
    options.smtp.message_bytes_max = 10'000;
    options.smtp.drain_bytes_max = 50'000;
    Gateway gateway(options);
    const std::string output =
        gateway.talk(port_smtp, ehlo + mail_to_bob(std::string(100'000, 'x')));
    EXPECT_EQ(code_before_the_end(output, 0), "421 4.7.0");
    EXPECT_TRUE(gateway.inbox(bob).empty());
}

TEST(SmtpSession, HeaderSectionsAndHopsHaveLimits) {
    GatewayOptions options = quiet();
    options.smtp.header_bytes_max = 5'000;
    options.smtp.received_fields_max = 10;
    Gateway gateway(options);
    const auto answer = [&](std::string data) {
        return code_before_the_end(
            gateway.talk(port_smtp, ehlo + mail_to_bob(data + ".\r\n") + "QUIT\r\n"), 1);
    };
    EXPECT_EQ(answer("Subject: " + std::string(6'000, 'x') + "\r\n\r\n"), "552 5.3.4");
    EXPECT_EQ(answer(repeat("Received: x\r\n", 10) + "\r\n"), "250 2.0.0");
    EXPECT_EQ(answer(repeat("Received: x\r\n", 11) + "\r\n"), "554 5.4.6");
    EXPECT_EQ(answer("\r\n" + repeat("Received: x\r\n", 11)), "250 2.0.0");
}

TEST(SmtpSession, ADisconnectInsideDataLeavesNothing) {
    Gateway gateway(quiet());
    for (const char* cut : {"", "S", "Subject: x\r\n\r\nhalf", "Subject: x\r\n\r\n.", "x\r\n.\r"}) {
        const auto steps = transcripts::parse_transcript(
            "@ smtp\nS: 220 *\nC: HELO x\nC: MAIL FROM:<>\nC: RCPT TO:<bob@example.test>\n"
            "C: DATA\nS* 354 *\n");
        auto with_cut = steps;
        with_cut.push_back({transcripts::StepKind::send, cut, 0});
        with_cut.push_back({transcripts::StepKind::connect, "smtp", 0});
        with_cut.push_back({transcripts::StepKind::expect, "220 *", 0});
        EXPECT_EQ(transcripts::replay(gateway, with_cut, transcripts::Cuts::none), "");
    }
    EXPECT_TRUE(gateway.inbox(bob).empty());
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST(SmtpSession, AFullDiskIsSaidAndForgotten) {
    Gateway gateway(quiet());
    gateway.world().plan().faults.no_space = 1;
    const std::string output = gateway.talk(
        port_smtp, ehlo + "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nQUIT\r\n");
    EXPECT_EQ(code_before_the_end(output, 1), "452 4.3.1");
    gateway.world().plan().heal();
    EXPECT_TRUE(gateway.inbox(bob).empty());
    const std::string again =
        gateway.talk(port_smtp, ehlo + mail_to_bob("Subject: x\r\n\r\n.\r\n") + "QUIT\r\n");
    EXPECT_EQ(code_before_the_end(again, 1), "250 2.0.0");
}

// Whatever fails and whenever: an acknowledged message is there once, another nowhere or once.
TEST(SmtpSession, NothingIsLostOrHalfDeliveredWhenTheDiskFails) {
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        Gateway gateway(options);
        gateway.inbox(alice);  // makes the mailboxes
        gateway.inbox(bob);
        auto& faults = gateway.world().plan().faults;
        faults.write_eio = faults.sync_eio = faults.entry_eio = faults.no_space = 0.05;
        const std::string output = gateway.talk(
            port_smtp,
            ehlo + mail_to("team@example.test", "Subject: x\r\n\r\ny\r\n.\r\n") + "QUIT\r\n");
        gateway.world().plan().heal();
        const bool was_accepted = count_of(output, "250 2.0.0 Queued") == 1;
        (was_accepted ? accepted : refused) += 1;
        gateway.restart();
        const std::size_t expected = was_accepted ? 1 : 0;
        EXPECT_EQ(gateway.inbox(alice).size(), expected) << "seed " << seed << "\n" << output;
        EXPECT_EQ(gateway.inbox(bob).size(), expected) << "seed " << seed << "\n" << output;
    }
    EXPECT_GT(accepted, 5u);
    EXPECT_GT(refused, 5u);
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

TEST(SmtpSession, CommandsBeforeTheHandshakeAreThrownAway) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_submission, ehlo +
                                          "STARTTLS\r\nRSET\r\nMAIL FROM:<evil@elsewhere.test>\r\n"
                                          "CLIENT-HELLO\r\nQUIT\r\n");
    const auto lines = lines_of(output);
    EXPECT_EQ(lines.back().substr(0, 9), "220 2.0.0") << "no answer to what was injected\n"
                                                      << output;
}

TEST(SmtpSession, WithoutTlsNothingIsOfferedThatNeedsIt) {
    GatewayOptions options = quiet();
    options.tls = false;
    Gateway gateway(options);
    const std::string output = gateway.talk(
        port_submission, ehlo + "STARTTLS\r\nMAIL FROM:<alice@example.test>\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "STARTTLS\r\n"), 0u);
    EXPECT_EQ(count_of(output, "AUTH"), 0u);
    EXPECT_EQ(code_before_the_end(output, 2), "502 5.5.1");
    EXPECT_EQ(code_before_the_end(output, 1), "530 5.7.0");
}

TEST(SmtpSession, PlaintextLoginsOnSubmissionOnlyWhenAllowed) {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    Gateway gateway(options);
    const std::string login = "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nQUIT\r\n";
    EXPECT_EQ(code_before_the_end(gateway.talk(port_submission, ehlo + login), 1), "235 2.7.0");
    EXPECT_EQ(code_before_the_end(gateway.talk(port_smtp, ehlo + login), 1), "538 5.7.11");
}

}  // namespace
}  // namespace postern::smtp
