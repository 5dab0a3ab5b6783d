// RSET: the transaction goes, the rest stays. RFC 5321 §4.1.1.5.
// Its argument is refused.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Rset, ForgetsTheTransactionAndNothingElse) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        port_smtp, ehlo +
                       "RSET now\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nRSET\r\n"
                       "DATA\r\nMAIL FROM:<>\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "501 5.5.4"), 1u) << output;
    EXPECT_EQ(code_before_the_end(output, 3), "250 2.0.0");
    EXPECT_EQ(code_before_the_end(output, 2), "503 5.5.1");
    EXPECT_EQ(code_before_the_end(output, 1), "250 2.1.0");
}

}  // namespace
}  // namespace postern::smtp
