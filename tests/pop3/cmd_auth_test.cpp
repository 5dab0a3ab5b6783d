// AUTH: bad exchanges first. RFC 5034 §4.
// Challenges are "+ ", and "*" cancels.
#include "auth/scram_lines.hpp"
#include "base/base64.hpp"
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Auth, BadExchangesAreAnsweredAndTheSessionGoesOn) {
    Gateway gateway(quiet());
    const auto answer = [&](const std::string& exchange) {
        return gateway.talk(port_pop3, exchange + "\r\nQUIT\r\n");
    };
    for (const char* exchange : {"AUTH", "AUTH NOSUCH", "AUTH PLAIN !",
                                 "AUTH PLAIN =", "AUTH PLAIN\r\n*", "AUTH LOGIN\r\n!"}) {
        EXPECT_EQ(count_of(answer(exchange), "-ERR"), 1u) << exchange;
    }
    EXPECT_EQ(count_of(answer("AUTH PLAIN\r\n" + std::string(13'000, 'A')), "-ERR"), 1u);
    EXPECT_EQ(count_of(answer("AUTH PLAIN AGFsaWNlAHdyb25n"), "-ERR [AUTH]"), 1u);
    EXPECT_EQ(count_of(answer("auth plain AGFsaWNlAHNlY3JldA=="), "+OK 0 messages"), 1u);
    EXPECT_EQ(count_of(answer("AUTH PLAIN\r\nAGFsaWNlAHNlY3JldA=="), "+ \r\n+OK 0 messages"), 1u);
    EXPECT_EQ(count_of(answer("AUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0"), "+OK 0 messages"), 1u);
}

std::string scram(const auth::ScramLines& lines) {
    return "AUTH " + std::string(lines.mechanism) + "\r\n" + lines.client_first + "\r\n" +
           lines.client_final + "\r\n\r\nQUIT\r\n";
}

std::string over_tls(const std::string& text) {
    return std::string(transcripts::handshake_word) + text;
}

std::string answers(const auth::ScramLines& lines) {
    return "+ \r\n+ " + std::string(lines.server_first) + "\r\n+ " + lines.server_final +
           "\r\n+OK 0 messages\r\n";
}

// RFC 5802, RFC 7677, RFC 5929 §4, RFC 9266
TEST(Auth, ScramWithAndWithoutChannelBinding) {
    const auth::FixedNonce nonce;
    Gateway gateway(quiet());
    for (const auto& lines : {auth::scram_sha1, auth::scram_sha256}) {
        const std::string output = gateway.talk(port_pop3, scram(lines));
        EXPECT_EQ(count_of(output, answers(lines)), 1u) << output;
    }
    for (const auto& lines : {auth::scram_sha1_plus, auth::scram_sha256_plus}) {
        const std::string output = gateway.talk(port_pop3s, over_tls(scram(lines)));
        EXPECT_EQ(count_of(output, answers(lines)), 1u) << output;
        EXPECT_EQ(count_of(gateway.talk(port_pop3, scram(lines)), "-ERR Unknown mechanism"), 1u);
    }
}

TEST(Auth, ScramWithoutTheBindingThatIsOffered) {
    const auth::FixedNonce nonce;
    Gateway gateway(quiet());
    const std::string attack = scram(auth::scram_sha256_downgraded);
    EXPECT_EQ(count_of(gateway.talk(port_pop3s, over_tls(attack)),
                       "-ERR [AUTH] Channel binding does not fit this connection"),
              1u);
    EXPECT_EQ(count_of(gateway.talk(port_pop3, attack), "+OK 0 messages"), 1u) << "no TLS";
}

// What was heard once is worth nothing, and failures count as those of PLAIN do.
TEST(Auth, ScramReplayedFailsAndCounts) {
    Gateway gateway(quiet());
    const std::string replay = "AUTH SCRAM-SHA-256\r\n" +
                               std::string(auth::scram_sha256.client_first) + "\r\n" +
                               auth::scram_sha256.client_final + "\r\n";
    const std::string output = gateway.talk(port_pop3, repeat(replay, 10));
    EXPECT_EQ(count_of(output, "-ERR [AUTH] Wrong user name or password"), 3u) << output;
}

// The salt of a name that does not exist is the same on every connection and shard, whatever the
// case it is written in.
TEST(Auth, ScramTellsNobodyWhoExists) {
    const auth::FixedNonce nonce;
    Gateway gateway(quiet());
    const auto challenge = [&](const char* name) {
        const std::string first = base64_encode("n,,n=" + std::string(name) + ",r=CLIENTNONCE");
        return gateway.talk(port_pop3, "AUTH SCRAM-SHA-256 " + first + "\r\n*\r\nQUIT\r\n");
    };
    const std::string nobody = challenge("nobody");
    EXPECT_EQ(nobody.size(), challenge("alice").size());
    EXPECT_EQ(challenge("NoBody"), nobody);
    EXPECT_EQ(challenge("nobody@example.test"), nobody);
    EXPECT_NE(challenge("nobody@elsewhere.test"), nobody);
    EXPECT_NE(challenge("somebody"), nobody);
}

}  // namespace
}  // namespace postern::pop3
