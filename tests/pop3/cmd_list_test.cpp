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

// The octets after "+OK n octets", without the dots of byte-stuffing and the last line.
std::size_t octets_sent(std::string_view output) {
    std::string text(output.substr(output.find("octets\r\n") + 8));
    text.resize(text.rfind(".\r\n"));
    for (std::size_t at = 0; (at = text.find("\r\n..", at)) != text.npos; ++at) text.erase(at, 1);
    return text.size();
}

TEST(List, SaysWhatRetrSends) {
    Gateway gateway(quiet());
    for (const std::string& body :
         {std::string("Subject: x\r\n\r\nunfinished"), std::string("Subject: x\r\n\r\n."),
          std::string("Subject: x\r\n\r\nwhole\r\n"), std::string("Subject: \xd0\x96\r\n\r\nbody"),
          std::string("Subject: only \xd0\x96")}) {
        const std::string output = gateway.talk(
            port_smtp,
            "EHLO x\r\nMAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<alice@example.test>\r\nBDAT " +
                std::to_string(body.size()) + " LAST\r\n" + body + "QUIT\r\n");
        ASSERT_EQ(count_of(output, "250 2.0.0 Queued"), 1u) << output;
    }
    std::size_t sum = 0;
    for (int n = 1; n <= 5; ++n) {
        const std::string number = std::to_string(n);
        const std::string sent = ask_as_alice(gateway, "RETR " + number + "\r\n");
        const std::string size = std::to_string(octets_sent(sent));
        sum += octets_sent(sent);
        EXPECT_EQ(ask_as_alice(gateway, "LIST " + number + "\r\n"),
                  "+OK " + number + " " + size + "\r\n");
        EXPECT_TRUE(sent.starts_with("+OK " + size + " octets\r\n")) << sent;
    }
    EXPECT_EQ(ask_as_alice(gateway, "STAT\r\n"), "+OK 5 " + std::to_string(sum) + "\r\n");
    // Whoever can have headers as they lie is told of those.
    const std::string output =
        gateway.talk(port_pop3, "UTF8\r\n" + login + "RETR 4\r\nLIST 4\r\nQUIT\r\n");
    const std::string sent = output.substr(0, output.rfind("+OK 4 "));
    EXPECT_NE(output.find("\r\n+OK 4 " + std::to_string(octets_sent(sent)) + "\r\n"),
              std::string::npos)
        << output;
}

}  // namespace
}  // namespace postern::pop3
