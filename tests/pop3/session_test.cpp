// The loop of a session: bad lines, pipelining, timeouts, the lock, moving between shards.
// RFC 1939 §3, §8. Commands have tests of their own.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

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

// RFC 2449 §6.5, §8.1.1
TEST(Pop3Session, ALoginTooEarlyIsRefused) {
    GatewayOptions options = quiet();
    options.pop3_login_delay = seconds(900);
    Gateway gateway(options);
    const std::string first = gateway.talk(port_pop3, "CAPA\r\n" + login + "QUIT\r\n");
    EXPECT_EQ(count_of(first, "\r\nLOGIN-DELAY 900\r\n"), 1u) << first;
    for (int i = 0; i < 3; ++i) {
        const std::string second = gateway.talk(
            port_pop3, login + "STAT\r\nUSER bob" + std::to_string(i) + "\r\nQUIT\r\n");
        EXPECT_EQ(count_of(second, "-ERR [LOGIN-DELAY] "), 1u) << second;
        EXPECT_EQ(count_of(second, "-ERR Log in first"), 1u) << second;
    }
    gateway.world().run_for(seconds(900));
    EXPECT_EQ(count_of(gateway.talk(port_pop3, login + "QUIT\r\n"), "+OK 0 messages"), 1u);
}

TEST(Pop3Session, SilenceEndsWithoutAWordAndRemovesNothing) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n");
    const std::string output = gateway.talk(port_pop3, login + "DELE 1\r\n");
    EXPECT_TRUE(output.ends_with("+OK Message 1 deleted\r\n")) << output;
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
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

// RFC 3206 §4. Nothing is removed that was marked.
TEST(Session, EndsWhenItsAccountIsDisabled) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        Gateway gateway(options);
        const MonotonicTime begun = gateway.world().now();
        mail_to_alice(gateway, "Subject: x\r\n\r\n");
        gateway.disable_later("bob@example.test", seconds(5));
        gateway.disable_later("alice@example.test", seconds(20));
        const std::string output = gateway.talk(port_pop3, login + "DELE 1\r\n");
        EXPECT_TRUE(
            output.ends_with("+OK Message 1 deleted\r\n"
                             "-ERR [AUTH] This account has been disabled\r\n"))
            << output;
        EXPECT_EQ(gateway.inbox(alice).size(), 1u);
        EXPECT_LT(gateway.world().now(), begun + minutes(1));
    }
}

}  // namespace
}  // namespace postern::pop3
