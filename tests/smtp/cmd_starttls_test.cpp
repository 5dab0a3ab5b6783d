// STARTTLS: nothing from before the handshake counts, and nothing is promised that is not there.
// RFC 3207 §4.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(StartTls, CommandsBeforeTheHandshakeAreThrownAway) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_submission, ehlo +
                                          "STARTTLS\r\nRSET\r\nMAIL FROM:<evil@elsewhere.test>\r\n"
                                          "CLIENT-HELLO\r\nQUIT\r\n");
    const auto lines = lines_of(output);
    EXPECT_EQ(lines.back().substr(0, 9), "220 2.0.0") << "no answer to what was injected\n"
                                                      << output;
}

TEST(StartTls, WithoutTlsNothingIsOfferedThatNeedsIt) {
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

}  // namespace
}  // namespace postern::smtp
