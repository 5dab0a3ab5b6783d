// Whole POP3 sessions on the simulated kernel, on two shards: most of them move after the login.
// RFC 1939 §3, §6, §8.
#include "pop3/session.hpp"

#include <gtest/gtest.h>

#include "transcripts/gateway.hpp"
#include "transcripts/transcript.hpp"

namespace postern::pop3 {
namespace {

using transcripts::Cuts;
using transcripts::Gateway;
using transcripts::GatewayOptions;
using transcripts::port_pop3;
using transcripts::port_pop3s;
using transcripts::port_smtp;

constexpr const char* alice = "example.test/alice";

GatewayOptions quiet() {
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    options.plaintext_login = true;
    return options;
}

std::string repeat(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

std::size_t count_of(const std::string& text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t i = text.find(word); i != std::string::npos; i = text.find(word, i + 1)) {
        ++count;
    }
    return count;
}

void mail_to_alice(Gateway& gateway, const std::string& data, std::size_t count = 1) {
    const std::string mail =
        "MAIL FROM:<>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\n" + data + ".\r\n";
    const std::string output =
        gateway.talk(port_smtp, "HELO x\r\n" + repeat(mail, count) + "QUIT\r\n");
    ASSERT_EQ(count_of(output, "250 2.0.0 Queued"), count) << output;
}

const std::string login = "USER alice\r\nPASS secret\r\n";

std::string replay(Gateway& gateway, std::string_view text) {
    return transcripts::replay(gateway, transcripts::parse_transcript(text), Cuts::none);
}

TEST(Pop3Session, BadLinesAreAnsweredAndTheSessionGoesOn) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_pop3, "\r\nBOGUS\r\nUSER\r\nPASS x\r\nSTAT\r\n" +
                                    std::string(100'000, 'x') + "\r\nUSER a\x01\r\n" +
                                    std::string("CA\0PA\r\n", 7) + "QUIT now\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "-ERR"), 9u) << output;
    EXPECT_TRUE(output.ends_with("+OK Goodbye\r\n"));
}

TEST(Pop3Session, TenThousandPipelinedCommands) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_pop3, login + repeat("NOOP\r\n", 10'000) + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "+OK Still here\r\n"), 10'000u);
    EXPECT_TRUE(output.ends_with("+OK Goodbye\r\n"));
}

TEST(Pop3Session, ThreeWrongPasswordsEndIt) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_pop3, repeat("USER alice\r\nPASS wrong\r\n", 3) + login);
    EXPECT_EQ(count_of(output, "-ERR [AUTH]"), 3u) << output;
    EXPECT_EQ(count_of(output, "messages"), 0u);
}

TEST(Pop3Session, RetrievesByteForByte) {
    Gateway gateway(quiet());
    const std::string small = "Subject: s\r\n\r\nsmall \xff\r\n";
    const std::string large = "Subject: l\r\n\r\n" + repeat("0123456789\r\n", 100'000);
    const std::string dots = "Subject: d\r\n\r\n" + repeat("..\r\n..x\r\n", 20'000);
    for (const std::string& data : {small, large, dots}) mail_to_alice(gateway, data);
    const auto stored = gateway.inbox(alice);
    ASSERT_EQ(stored.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        const std::string number = std::to_string(i + 1);
        const std::string output = gateway.talk(
            port_pop3, login + "LIST " + number + "\r\nRETR " + number + "\r\nQUIT\r\n");
        std::string stuffed = stored[i];
        for (std::size_t at = 0; (at = stuffed.find("\r\n.", at)) != std::string::npos; at += 4) {
            stuffed.insert(at + 2, ".");
        }
        const std::string size = std::to_string(stored[i].size());
        EXPECT_TRUE(output.ends_with("+OK " + number + " " + size + "\r\n+OK " + size +
                                     " octets\r\n" + stuffed + ".\r\n+OK Goodbye\r\n"))
            << number;
    }
}

TEST(Pop3Session, OneSessionAtATimeHasTheDrop) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n");
    EXPECT_EQ(
        replay(gateway,
               "@ pop3\nS: +OK *\nC: USER alice\nC: PASS secret\nS: +OK *\nS: +OK 1 *\n"
               "C: DELE 1\nS: +OK *\n+ pop3\nS: +OK *\nC: USER alice\nC: PASS secret\nS: +OK *\n"
               "S: -ERR [IN-USE] *\nC: STAT\nS: -ERR *\n"
               "C: USER bob\nC: PASS secret\nS: +OK *\nS: +OK 0 *\nC: QUIT\nS: +OK *\nE:\n"),
        "");
    // The first is gone without QUIT: the drop is free, nothing is removed.
    EXPECT_EQ(count_of(gateway.talk(port_pop3, login + "QUIT\r\n"), "+OK 1 messages"), 1u);
}

TEST(Pop3Session, DeletionsOutliveARestartAndOnlyAfterQuit) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n", 3);
    const std::string before = gateway.talk(port_pop3, login + "UIDL\r\nDELE 2\r\nQUIT\r\n");
    EXPECT_EQ(count_of(before, "+OK Goodbye"), 1u);
    gateway.restart();
    const std::string after = gateway.talk(port_pop3, login + "UIDL\r\nQUIT\r\n");
    EXPECT_EQ(count_of(after, "+OK 2 messages"), 1u) << after;
    // The same unique-ids as before: of the first and the third.
    const auto id = [](const std::string& text, std::string_view number) {
        const std::size_t begin = text.find("\r\n" + std::string(number) + " ") + 4;
        return text.substr(begin, text.find("\r\n", begin) - begin);
    };
    EXPECT_EQ(id(after, "1"), id(before, "1"));
    EXPECT_EQ(id(after, "2"), id(before, "3"));
    EXPECT_NE(id(after, "1"), id(after, "2"));
}

TEST(Pop3Session, SilenceEndsWithoutAWordAndRemovesNothing) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n");
    const std::string output = gateway.talk(port_pop3, login + "DELE 1\r\n");
    EXPECT_TRUE(output.ends_with("+OK Message 1 deleted\r\n")) << output;
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
}

TEST(Pop3Session, PasswordsNeedTls) {
    GatewayOptions options = quiet();
    options.plaintext_login = false;
    Gateway gateway(options);
    const std::string output =
        gateway.talk(port_pop3, login + "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nCAPA\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "-ERR [AUTH]"), 3u) << output;
    EXPECT_EQ(count_of(output, "SASL"), 0u);
    EXPECT_EQ(count_of(output, "USER\r\n"), 0u);
}

TEST(Pop3Session, CommandsBeforeTheHandshakeAreThrownAway) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_pop3, "STLS\r\nUSER alice\r\nPASS secret\r\nCLIENT-HELLO\r\nQUIT\r\n");
    EXPECT_TRUE(output.ends_with("+OK Begin TLS negotiation\r\n")) << output;
}

// A pipelined client whose session moves loses nothing of what it has sent already.
TEST(Pop3Session, MovesWithWhatTheClientHasSent) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        options.shards = 4;
        Gateway gateway(options);
        const std::string output =
            gateway.talk(port_pop3s, std::string(transcripts::handshake_word) + login +
                                         repeat("NOOP\r\n", 500) + "QUIT\r\n");
        EXPECT_EQ(count_of(output, "+OK Still here\r\n"), 500u) << "seed " << seed;
        EXPECT_TRUE(output.ends_with("+OK Goodbye\r\n"));
    }
}

}  // namespace
}  // namespace postern::pop3
