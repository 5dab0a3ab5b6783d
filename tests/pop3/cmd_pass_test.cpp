// USER and PASS: wrong ones first. RFC 1939 §7, RFC 3206.
// What every way to log in has in common is here too.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Pass, ThreeWrongPasswordsEndIt) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_pop3, repeat("USER alice\r\nPASS wrong\r\n", 3) + login);
    EXPECT_EQ(count_of(output, "-ERR [AUTH]"), 3u) << output;
    EXPECT_EQ(count_of(output, "messages"), 0u);
}

TEST(Pass, PasswordsNeedTls) {
    GatewayOptions options = quiet();
    options.plaintext_login = false;
    Gateway gateway(options);
    const std::string output =
        gateway.talk(port_pop3, login + "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nCAPA\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "-ERR [AUTH]"), 3u) << output;
    EXPECT_EQ(count_of(output, "SASL"), 0u);
    EXPECT_EQ(count_of(output, "\r\nUSER\r\n"), 0u);
}

TEST(Pass, TakesTheRestOfTheLine) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        port_pop3, "PASS secret\r\nUSER alice\r\nPASS secret \r\nUSER alice\r\nPASS  secret\r\n" +
                       login + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "-ERR USER first"), 1u) << output;
    EXPECT_EQ(count_of(output, "-ERR [AUTH]"), 2u);
    EXPECT_EQ(count_of(output, "+OK 0 messages"), 1u);
}

}  // namespace
}  // namespace postern::pop3
