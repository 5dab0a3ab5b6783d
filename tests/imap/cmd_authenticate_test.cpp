// AUTHENTICATE: malformed exchanges, cancelling, PLAIN and LOGIN, with and without SASL-IR.
#include <gtest/gtest.h>

#include "auth/scram_lines.hpp"
#include "base/base64.hpp"
#include "bed.hpp"

namespace postern::imap {
namespace {

std::string plain(std::string_view authorization, std::string_view user,
                  std::string_view password) {
    std::string text(authorization);
    text += '\0';
    text += user;
    text += '\0';
    text += password;
    return base64_encode(text);
}

TEST(Authenticate, MalformedAndCancelled) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a AUTHENTICATE
        S: a BAD Missing argument
        C: a AUTHENTICATE GSSAPI
        S: a NO [CANNOT] Unsupported authentication mechanism
        C: a AUTHENTICATE PLAIN !!!
        S: a BAD Invalid authentication response
        C: a AUTHENTICATE PLAIN
        S: + ...
        C: *
        S: a BAD Authentication cancelled
        C: a AUTHENTICATE PLAIN
        S: + ...
        C: a b NOOP
        S: a BAD Invalid authentication response
        C: a AUTHENTICATE PLAIN )" +
             plain("bob", "alice", "secret") + R"(
        S: a NO [AUTHORIZATIONFAILED] Not allowed to act for another user
    )");
    EXPECT_EQ(bed.counters().logins, 0u);
}

// RFC 3501 §6.2.2, RFC 4959 §3 (SASL-IR)
TEST(Authenticate, PlainAndLogin) {
    Bed bed;
    std::string good = plain("", "alice@example.test", "secret");
    bed.play(R"(
        S: * OK ...
        C: a AUTHENTICATE PLAIN )" +
             plain("", "alice", "wrong") + R"(
        S: a NO [AUTHENTICATIONFAILED] ...
        C: a AUTHENTICATE PLAIN )" +
             good + R"(
        S: a OK [CAPABILITY ...] AUTHENTICATE completed
        S2: * OK ...
        C2: a authenticate plain
        S2: + ...
        C2: )" +
             good + R"(
        S2: a OK ...
        S3: * OK ...
        C3: a AUTHENTICATE LOGIN
        S3: + )" +
             base64_encode("Username:") + R"(
        C3: )" +
             base64_encode("alice") + R"(
        S3: + )" +
             base64_encode("Password:") + R"(
        C3: )" +
             base64_encode("secret") + R"(
        S3: a OK ...
    )");
    EXPECT_EQ(bed.counters().logins, 3u);
}

std::string scram(const auth::ScramLines& lines) {
    return "\nC: a AUTHENTICATE " + std::string(lines.mechanism) + " " + lines.client_first +
           "\nS: + " + lines.server_first + "\nC: " + lines.client_final + "\nS: + " +
           lines.server_final + "\nC:\n";
}

const std::string begin_tls = R"(
    S: * OK ...
    C: t STARTTLS
    S: t OK ...
    W: 1
)";

// RFC 5802, RFC 7677, RFC 5929 §4, RFC 9266
TEST(Authenticate, ScramWithAndWithoutChannelBinding) {
    const auth::FixedNonce nonce;
    BedOptions options;
    options.with_tls = true;
    for (const auto& lines :
         {auth::scram_sha1, auth::scram_sha256, auth::scram_sha1_plus, auth::scram_sha256_plus}) {
        Bed bed(options);
        bed.play(begin_tls + scram(lines) + "S: a OK [CAPABILITY ...] AUTHENTICATE completed\n");
        EXPECT_EQ(bed.counters().logins, 1u);
    }
}

TEST(Authenticate, ScramWithoutTheBindingThatIsOffered) {
    BedOptions options;
    options.with_tls = true;
    Bed bed(options);
    bed.play(begin_tls + "C: a AUTHENTICATE SCRAM-SHA-256 " +
             auth::scram_sha256_downgraded.client_first +
             "\nS: a NO [AUTHENTICATIONFAILED] Channel binding does not fit this connection\n" +
             "C: b AUTHENTICATE SCRAM-SHA-256\nS: + ...\nC: AAAA\nS: b BAD Invalid ...\n");
    EXPECT_EQ(bed.counters().failed_logins, 1u);
}

}  // namespace
}  // namespace postern::imap
