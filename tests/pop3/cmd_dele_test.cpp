// DELE marks, and what is marked cannot be referred to. RFC 1939 §5.
// It is back without QUIT, and after RSET.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Dele, TakesMessagesOutOfSight) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\nbody\r\n", 3);
    const std::string output = ask_as_alice(
        gateway,
        "DELE\r\nDELE 4\r\nDELE 2\r\nDELE 2\r\nRETR 2\r\nTOP 2 0\r\nLIST 2\r\nUIDL 2\r\nRSET\r\n"
        "DELE 1\r\n");
    EXPECT_EQ(count_of(output, "-ERR"), 7u) << output;
    EXPECT_EQ(gateway.inbox(alice).size(), 2u);
}

}  // namespace
}  // namespace postern::pop3
