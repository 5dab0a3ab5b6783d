// EHLO and HELO: bad names first, then what they reset. RFC 5321 §4.1.1.1, §4.1.4.
// What is offered where is in tests/transcripts.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Ehlo, BadNamesLeaveTheStateAsItWas) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, "EHLO\r\nHELO\r\nEHLO a b\r\nEHLO (x)\r\nEHLO " +
                                    std::string(256, 'a') + "\r\nMAIL FROM:<>\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "501 5.5.4"), 5u) << output;
    EXPECT_EQ(code_before_the_end(output, 1), "503 5.5.1");
}

TEST(Ehlo, EndsATransaction) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        port_smtp, ehlo + "MAIL FROM:<>\r\nHELO again\r\nRCPT TO:<bob@example.test>\r\nQUIT\r\n");
    EXPECT_EQ(code_before_the_end(output, 2), "250 mail.example.test");
    EXPECT_EQ(code_before_the_end(output, 1), "503 5.5.1");
}

}  // namespace
}  // namespace postern::smtp
