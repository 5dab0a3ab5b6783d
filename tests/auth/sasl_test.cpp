// SASL exchanges as the protocols drive them: what breaks one first.
#include "auth/sasl.hpp"

#include <gtest/gtest.h>

#include "auth/limits.hpp"
#include "base/base64.hpp"

namespace postern::auth {
namespace {

SaslExchange exchange(const char* name) {
    return SaslExchange(make_password_mechanism(name));
}

std::string plain(std::string_view authorization, std::string_view user,
                  std::string_view password) {
    return base64_encode(std::string(authorization) + '\0' + std::string(user) + '\0' +
                         std::string(password));
}

SaslStepKind plain_kind(std::string_view message) {
    return exchange("PLAIN").start(base64_encode(message)).kind;
}

TEST(Sasl, UnknownMechanismsAreNotOffered) {
    EXPECT_EQ(make_password_mechanism("CRAM-MD5"), nullptr);
    EXPECT_EQ(make_password_mechanism(""), nullptr);
    EXPECT_NE(make_password_mechanism("plain"), nullptr);
    EXPECT_EQ(mechanism_names(PlusVariant::yes).size(), 6u);
    EXPECT_EQ(mechanism_names(PlusVariant::no).size(), 4u);
    for (const auto name : mechanism_names(PlusVariant::no)) EXPECT_FALSE(name.ends_with("-PLUS"));
}

TEST(Sasl, PlainRefusesMalformedMessages) {
    using std::string_literals::operator""s;
    for (const auto& bad : {"alice"s, "\0alice"s, "\0\0secret"s, "\0alice\0"s, "\0alice\0sec\0ret"s,
                            "\0al\xff\0secret"s, "\0alice\0\xff"s}) {
        EXPECT_EQ(plain_kind(bad), SaslStepKind::malformed) << base64_encode(bad);
    }
    EXPECT_EQ(exchange("PLAIN").start("").kind, SaslStepKind::malformed);
    EXPECT_EQ(exchange("PLAIN").start("=").kind, SaslStepKind::malformed);  // an empty message
    EXPECT_EQ(exchange("PLAIN").start("AGFsaWNl*").kind, SaslStepKind::malformed);
    EXPECT_EQ(exchange("PLAIN").start("AGFsaWNlAHM").kind, SaslStepKind::malformed);  // padding
    const auto other = exchange("PLAIN").start(plain("bob", "alice", "x"));
    EXPECT_EQ(other.kind, SaslStepKind::needs_verification);
    EXPECT_EQ(other.authorization, "bob");
}

TEST(Sasl, PlainHoldsItsLimits) {
    for (const std::size_t over : {0u, 1u}) {
        const auto kind = over ? SaslStepKind::malformed : SaslStepKind::needs_verification;
        const std::string user(user_name_bytes_max + over, 'u');
        EXPECT_EQ(exchange("PLAIN").start(plain("", user, "x")).kind, kind);
        const std::string password(password_bytes_max + over, 'p');
        EXPECT_EQ(exchange("PLAIN").start(plain("", "u", password)).kind, kind);
    }
    auto long_line = exchange("PLAIN");
    EXPECT_EQ(long_line.start(std::nullopt).kind, SaslStepKind::challenge);
    EXPECT_EQ(long_line.receive(std::string(sasl_line_bytes_max + 4, 'A')).kind,
              SaslStepKind::too_long);
}

// RFC 4616 §4, first and second example
TEST(Sasl, PlainWithAndWithoutInitialResponse) {
    const auto direct = exchange("PLAIN").start(plain("", "tim", "tanstaaftanstaaf"));
    EXPECT_EQ(direct.kind, SaslStepKind::needs_verification);
    EXPECT_EQ(direct.user_name, "tim");
    EXPECT_EQ(direct.password, "tanstaaftanstaaf");

    auto asked = exchange("plain");
    const auto first = asked.start(std::nullopt);
    EXPECT_EQ(first.kind, SaslStepKind::challenge);
    EXPECT_EQ(first.bytes, "");
    const auto second = asked.receive(plain("Tim", "tim", "tan"));
    EXPECT_EQ(second.kind, SaslStepKind::needs_verification);
    EXPECT_EQ(second.password, "tan");
}

TEST(Sasl, CancelEndsAnyExchange) {
    for (const auto name : {"PLAIN", "LOGIN"}) {
        SaslExchange any(make_password_mechanism(name));
        EXPECT_EQ(any.start(std::nullopt).kind, SaslStepKind::challenge);
        EXPECT_EQ(any.receive("*").kind, SaslStepKind::cancelled);
    }
}

TEST(Sasl, LoginAsksTwice) {
    auto login = exchange("LOGIN");
    EXPECT_EQ(login.start(std::nullopt).bytes, "VXNlcm5hbWU6");
    EXPECT_EQ(login.receive(base64_encode("alice@example.test")).bytes, "UGFzc3dvcmQ6");
    const auto last = login.receive(base64_encode("s e c"));
    EXPECT_EQ(last.kind, SaslStepKind::needs_verification);
    EXPECT_EQ(last.user_name, "alice@example.test");
    EXPECT_EQ(last.password, "s e c");
}

TEST(Sasl, LoginTakesTheUserNameAsInitialResponse) {
    auto login = exchange("LOGIN");
    EXPECT_EQ(login.start(base64_encode("alice")).bytes, "UGFzc3dvcmQ6");
    EXPECT_EQ(login.receive(base64_encode("secret")).user_name, "alice");
}

TEST(Sasl, LoginRefusesMalformedAnswers) {
    EXPECT_EQ(exchange("LOGIN").start("=").kind, SaslStepKind::malformed);
    auto nameless = exchange("LOGIN");
    nameless.start(std::nullopt);
    EXPECT_EQ(nameless.receive("").kind, SaslStepKind::malformed);
    auto wordless = exchange("LOGIN");
    wordless.start(base64_encode("alice"));
    EXPECT_EQ(wordless.receive("").kind, SaslStepKind::malformed);
}

}  // namespace
}  // namespace postern::auth
