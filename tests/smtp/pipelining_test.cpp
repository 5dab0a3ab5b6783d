// PIPELINING: commands that come together are answered in their order, and a message that nobody
// was told to send is none. RFC 2920 §3.1, §3.2.
#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

// The codes of all replies, "220 250 …".
std::string codes_of(const std::string& output) {
    std::string codes;
    for (const std::string& line : lines_of(output)) {
        if (line.size() > 3 && line[3] == ' ') codes += line.substr(0, 4);
    }
    return codes;
}

const std::string mixed_group =
    ehlo +
    "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<nobody@example.test>\r\nRCPT "
    "TO:<bob@example.test>\r\n"
    "BOGUS\r\nNOOP\r\nDATA\r\nSubject: x\r\n\r\nRSET\r\n.\r\nRSET\r\nQUIT\r\n";

TEST(Pipelining, RepliesKeepTheOrderOfTheCommands) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(port_smtp, mixed_group);
    EXPECT_EQ(codes_of(output), "220 250 250 550 250 500 250 354 250 250 221 ") << output;
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
}

TEST(Pipelining, CutAnywhereItIsTheSame) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk_slowly(port_smtp, "", mixed_group);
    EXPECT_EQ(codes_of(output), "250 250 550 250 500 250 354 250 250 221 ") << output;
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
}

// RFC 2920 §3.1: the client must be ready for 354 and for a refusal.
TEST(Pipelining, WithoutARecipientThereIsNoData) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo +
                                    "MAIL FROM:<a@elsewhere.test>\r\n"
                                    "RCPT TO:<nobody@example.test>\r\nDATA\r\nNOOP\r\nQUIT\r\n");
    EXPECT_EQ(codes_of(output), "220 250 250 550 554 250 221 ") << output;
}

TEST(Pipelining, NothingIsReadBehindQuit) {
    Gateway gateway(quiet());
    EXPECT_EQ(codes_of(gateway.talk(port_smtp, ehlo + "QUIT\r\nNOOP\r\n")), "220 250 221 ");
}

TEST(Pipelining, IsOffered) {
    EXPECT_EQ(count_of(greeted(port_smtp), "250-PIPELINING\r\n"), 1u);
    EXPECT_EQ(count_of(greeted(port_submission), "250-PIPELINING\r\n"), 1u);
}

}  // namespace
}  // namespace postern::smtp
