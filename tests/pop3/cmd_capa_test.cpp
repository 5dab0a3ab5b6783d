// CAPA: what is offered, and where it is not. RFC 2449 §5.
// Before the login with passwords in the clear is in tests/transcripts/pop3_session.txt.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

// RFC 2449 §5: what was announced before the login is announced after it, but for STLS.
TEST(Capa, AfterTheLogin) {
    Gateway gateway(quiet());
    EXPECT_EQ(ask_as_alice(gateway, "CAPA\r\n"),
              "+OK Capability list follows\r\nTOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\n"
              "AUTH-RESP-CODE\r\nUTF8 USER\r\nLANG\r\nEXPIRE NEVER\r\nUSER\r\n"
              "SASL SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN\r\nIMPLEMENTATION Postern\r\n.\r\n");
}

TEST(Capa, OffersLoginsThatAreAllowed) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(port_pop3, "CAPA\r\nQUIT\r\n");
    EXPECT_EQ(
        count_of(output, "\r\nSTLS\r\nUSER\r\nSASL SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN\r\n"), 1u)
        << output;
}

}  // namespace
}  // namespace postern::pop3
