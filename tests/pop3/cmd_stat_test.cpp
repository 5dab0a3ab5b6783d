// STAT counts what is not marked. RFC 1939 §5.
// Sizes are those of the messages as stored.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Stat, CountsWhatIsNotMarked) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\nbody\r\n", 3);
    const auto stored = gateway.inbox(alice);
    const std::string all = std::to_string(stored[0].size() + stored[1].size() + stored[2].size());
    const std::string two = std::to_string(stored[0].size() + stored[2].size());
    EXPECT_EQ(ask_as_alice(gateway, "STAT\r\nDELE 2\r\nSTAT\r\nRSET\r\n"),
              "+OK 3 " + all + "\r\n+OK Message 2 deleted\r\n+OK 2 " + two +
                  "\r\n+OK Nothing is marked\r\n");
}

}  // namespace
}  // namespace postern::pop3
