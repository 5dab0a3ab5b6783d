// RETR: what comes is what is stored. RFC 1939 §5.
// On the fast path and with dots to stuff.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Retr, RefusesNumbersThatAreNone) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\nbody\r\n", 3);
    EXPECT_EQ(count_of(ask_as_alice(gateway,
                                    "RETR\r\nRETR 0\r\nRETR 4\r\nRETR x\r\nRETR 1 2\r\n"
                                    "RETR 99999999999\r\nRETR -1\r\n"),
                       "-ERR"),
              7u);
}

TEST(Retr, RetrievesByteForByte) {
    Gateway gateway(quiet());
    const std::string small = "Subject: s\r\n\r\nsmall \xff\r\n";
    const std::string large = "Subject: l\r\n\r\n" + repeat("0123456789\r\n", 100'000);
    const std::string dots = "Subject: d\r\n\r\n" + repeat("..\r\n..x\r\n", 20'000);
    for (const std::string& data : {small, large, dots}) mail_to_alice(gateway, data);
    const auto stored = gateway.inbox(alice);
    ASSERT_EQ(stored.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        const std::string number = std::to_string(i + 1);
        const std::string output = gateway.talk(
            port_pop3, login + "LIST " + number + "\r\nRETR " + number + "\r\nQUIT\r\n");
        std::string stuffed = stored[i];
        for (std::size_t at = 0; (at = stuffed.find("\r\n.", at)) != std::string::npos; at += 4) {
            stuffed.insert(at + 2, ".");
        }
        const std::string size = std::to_string(stored[i].size());
        EXPECT_TRUE(output.ends_with("+OK " + number + " " + size + "\r\n+OK " + size +
                                     " octets\r\n" + stuffed + ".\r\n+OK Goodbye\r\n"))
            << number;
    }
}

// Facts are in memory, on their way to their file and in it; some are read ahead, of messages that
// have gone since as well. Every drain has all there is.
TEST(Retr, DrainsAsMailArrives) {
    constexpr std::size_t at_once = 40;
    Gateway gateway(quiet());
    const std::string plain = "Subject: p\r\n\r\n" + repeat("0123456789\r\n", 30);
    const std::string dots = "Subject: d\r\n\r\n..x\r\n";
    std::size_t there = 0;
    for (const Duration pause : {Duration(), milliseconds(1000), seconds(5), Duration()}) {
        mail_to_alice(gateway, plain, at_once);
        mail_to_alice(gateway, dots, at_once);
        there += 2 * at_once;
        gateway.world().run_for(pause);
        std::string drain = login, removal;
        for (std::size_t n = 1; n <= there; ++n) {
            drain += "RETR " + std::to_string(n) + "\r\n";
            if (n % 2 == 0) removal += "DELE " + std::to_string(n) + "\r\n";
        }
        const std::string output = gateway.talk(port_pop3, drain + removal + "QUIT\r\n");
        EXPECT_EQ(count_of(output, " octets\r\n"), there);
        EXPECT_EQ(count_of(output, "\r\n.\r\n"), there);
        EXPECT_EQ(count_of(output, "-ERR"), 0u);
        EXPECT_EQ(count_of(output, "\r\n..x\r\n.\r\n"), count_of(output, "Subject: d"));
        there -= there / 2;
    }
}

}  // namespace
}  // namespace postern::pop3
