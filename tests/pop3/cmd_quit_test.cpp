// QUIT removes what was marked, and nothing else does. RFC 1939 §6.
// Also when the disk fails.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Quit, DeletionsOutliveARestartAndOnlyAfterQuit) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n", 3);
    const std::string before = gateway.talk(port_pop3, login + "UIDL\r\nDELE 2\r\nQUIT\r\n");
    EXPECT_EQ(count_of(before, "+OK Goodbye"), 1u);
    gateway.restart();
    const std::string after = gateway.talk(port_pop3, login + "UIDL\r\nQUIT\r\n");
    EXPECT_EQ(count_of(after, "+OK 2 messages"), 1u) << after;
    // The same unique-ids as before: of the first and the third.
    const auto id = [](const std::string& text, std::string_view number) {
        const std::size_t begin = text.find("\r\n" + std::string(number) + " ") + 4;
        return text.substr(begin, text.find("\r\n", begin) - begin);
    };
    EXPECT_EQ(id(after, "1"), id(before, "1"));
    EXPECT_EQ(id(after, "2"), id(before, "3"));
    EXPECT_NE(id(after, "1"), id(after, "2"));
}

// Said to be removed: gone after any restart. Not said: nobody lost a message that was not marked.
TEST(Quit, TellsWhenTheDiskFails) {
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        Gateway gateway(options);
        mail_to_alice(gateway, "Subject: x\r\n\r\n", 2);
        gateway.inbox(alice);
        auto& faults = gateway.world().plan().faults;
        faults.entry_eio = faults.sync_eio = 0.3;
        const std::string output = gateway.talk(port_pop3, login + "DELE 1\r\nQUIT\r\n");
        gateway.world().plan().heal();
        gateway.restart();
        const std::size_t there = gateway.inbox(alice).size();
        if (output.ends_with("+OK Goodbye\r\n") && count_of(output, "deleted") == 1) {
            EXPECT_EQ(there, 1u) << "seed " << seed;
        } else {
            ++refused;
            EXPECT_GE(there, 1u) << "seed " << seed << "\n" << output;
        }
    }
    EXPECT_GT(refused, 2u);
}

}  // namespace
}  // namespace postern::pop3
