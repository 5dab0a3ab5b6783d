// NOOP does nothing, and only for those who have logged in. RFC 1939 §5.
// Its argument is refused.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Noop, IsOfTheTransactionState) {
    Gateway gateway(quiet());
    EXPECT_EQ(count_of(gateway.talk(port_pop3, "NOOP\r\nQUIT\r\n"), "-ERR"), 1u);
    EXPECT_EQ(ask_as_alice(gateway, "NOOP x\r\nnoop\r\n"),
              "-ERR No arguments allowed\r\n+OK Still here\r\n");
}

}  // namespace
}  // namespace postern::pop3
