// LIST: one line, or all that are not marked. RFC 1939 §5.
// Numbers do not move when one before is marked.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(List, KeepsNumbers) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\nbody\r\n", 3);
    const auto stored = gateway.inbox(alice);
    const std::string one = "1 " + std::to_string(stored[0].size()) + "\r\n";
    const std::string third = "3 " + std::to_string(stored[2].size()) + "\r\n";
    EXPECT_EQ(ask_as_alice(gateway, "LIST 4\r\nLIST 3\r\nDELE 2\r\nLIST\r\nRSET\r\n"),
              "-ERR No such message\r\n+OK " + third + "+OK Message 2 deleted\r\n+OK\r\n" + one +
                  third + ".\r\n+OK Nothing is marked\r\n");
}

}  // namespace
}  // namespace postern::pop3
