// STLS: nothing from before the handshake counts. RFC 2595 §4.
// Its argument is refused, and so is a second one.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Stls, CommandsBeforeTheHandshakeAreThrownAway) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_pop3, "STLS\r\nUSER alice\r\nPASS secret\r\nCLIENT-HELLO\r\nQUIT\r\n");
    EXPECT_TRUE(output.ends_with("+OK Begin TLS negotiation\r\n")) << output;
}

TEST(Stls, OnlyOnceAndOnlyBeforeTheLogin) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_pop3s, std::string(transcripts::handshake_word) + "STLS now\r\nSTLS\r\n" +
                                     login + "STLS\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "-ERR"), 3u) << output;
    GatewayOptions options = quiet();
    options.tls = false;
    Gateway without(options);
    const std::string refused = without.talk(port_pop3, "CAPA\r\nSTLS\r\nQUIT\r\n");
    EXPECT_EQ(count_of(refused, "-ERR"), 1u);
    EXPECT_EQ(count_of(refused, "\r\nSTLS\r\n"), 0u);
}

}  // namespace
}  // namespace postern::pop3
