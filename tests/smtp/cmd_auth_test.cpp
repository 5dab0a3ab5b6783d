// AUTH: bad exchanges first. RFC 4954 §4, §6, §9.
// Whole dialogues are in tests/transcripts/submission.txt.
#include <gtest/gtest.h>

#include "auth/scram_lines.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Auth, BadExchangesAreAnsweredAndTheSessionGoesOn) {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    Gateway gateway(options);
    const auto answer = [&](const std::string& exchange) {
        return code_before_the_end(
            gateway.talk(port_submission, ehlo + exchange + "\r\nNOOP\r\nQUIT\r\n"), 2);
    };
    EXPECT_EQ(answer("AUTH"), "504 5.5.4");
    EXPECT_EQ(answer("AUTH SCRAM-NONE"), "504 5.5.4");
    EXPECT_EQ(answer("AUTH PLAIN ===="), "501 5.5.2");
    EXPECT_EQ(answer("AUTH PLAIN ="), "501 5.5.2");
    EXPECT_EQ(answer("AUTH PLAIN AGFsaWNl"), "501 5.5.2");
    EXPECT_EQ(answer("AUTH PLAIN\r\n*"), "501 5.7.0");
    EXPECT_EQ(answer("AUTH LOGIN\r\n!"), "501 5.5.2");
    EXPECT_EQ(answer("AUTH LOGIN\r\nYWxpY2U=\r\n*"), "501 5.7.0");
    EXPECT_EQ(answer("AUTH PLAIN\r\n" + std::string(13'000, 'A')), "500 5.5.6");
    EXPECT_EQ(answer("MAIL FROM:<>"), "530 5.7.0");
    // Nobody acts for somebody else: "bob\\0alice\\0secret".
    EXPECT_EQ(answer("AUTH PLAIN Ym9iAGFsaWNlAHNlY3JldA=="), "535 5.7.8");
    EXPECT_EQ(answer("AUTH PLAIN AGFsaWNlAHNlY3JldA=="), "235 2.7.0");
    EXPECT_EQ(answer("AUTH PLAIN\r\nAGFsaWNlAHNlY3JldA=="), "235 2.7.0");
}

TEST(Auth, PlaintextLoginsOnSubmissionOnlyWhenAllowed) {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    Gateway gateway(options);
    const std::string login = "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nQUIT\r\n";
    EXPECT_EQ(code_before_the_end(gateway.talk(port_submission, ehlo + login), 1), "235 2.7.0");
    EXPECT_EQ(code_before_the_end(gateway.talk(port_smtp, ehlo + login), 1), "538 5.7.11");
}

// RFC 5802, RFC 7677, RFC 5929 §4, RFC 9266
TEST(Auth, ScramWithAndWithoutChannelBinding) {
    const auth::FixedNonce nonce;
    Gateway gateway(quiet());
    const auto answer = [&](const auth::ScramLines& lines) {
        return code_before_the_end(
            gateway.talk(port_submissions, std::string(transcripts::handshake_word) + ehlo +
                                               "AUTH " + lines.mechanism + " " +
                                               lines.client_first + "\r\n" + lines.client_final +
                                               "\r\n\r\nNOOP\r\nQUIT\r\n"),
            2);
    };
    EXPECT_EQ(answer(auth::scram_sha1), "235 2.7.0");
    EXPECT_EQ(answer(auth::scram_sha256), "235 2.7.0");
    EXPECT_EQ(answer(auth::scram_sha1_plus), "235 2.7.0");
    EXPECT_EQ(answer(auth::scram_sha256_plus), "235 2.7.0");
    EXPECT_NE(answer(auth::scram_sha256_downgraded), "235 2.7.0");
}

TEST(Auth, ScramCancelledAndMalformed) {
    const auth::FixedNonce nonce;
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    Gateway gateway(options);
    const auto answer = [&](const std::string& exchange) {
        return code_before_the_end(
            gateway.talk(port_submission,
                         ehlo + "AUTH SCRAM-SHA-256" + exchange + "\r\nNOOP\r\nQUIT\r\n"),
            2);
    };
    const std::string first = std::string(" ") + auth::scram_sha256.client_first + "\r\n";
    EXPECT_EQ(answer(" ="), "501 5.5.2");
    EXPECT_EQ(answer(first + "*"), "501 5.7.0");
    EXPECT_EQ(answer(first + auth::scram_sha256.client_first), "501 5.5.2");
    EXPECT_EQ(answer(first + auth::scram_sha256.client_final + "\r\n*"), "501 5.7.0");
    EXPECT_EQ(answer(first + auth::scram_sha256.client_final + "\r\nAAAA"), "501 5.5.2");
    EXPECT_EQ(answer("-PLUS"), "504 5.5.4");
}

}  // namespace
}  // namespace postern::smtp
