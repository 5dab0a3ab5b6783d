// RSET: nothing is marked any more. RFC 1939 §5.
// QUIT then removes nothing.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Rset, UnmarksAll) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\nbody\r\n", 3);
    EXPECT_EQ(count_of(ask_as_alice(gateway, "DELE 1\r\nDELE 3\r\nRSET\r\nRETR 3\r\n"), "-ERR"),
              0u);
    EXPECT_EQ(gateway.inbox(alice).size(), 3u);
}

}  // namespace
}  // namespace postern::pop3
