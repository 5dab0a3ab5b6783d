// QUIT: the last reply there is. RFC 5321 §4.1.1.10.
// What was pipelined behind it is not looked at.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Quit, IsTheEnd) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(port_smtp, "QUIT now\r\nQUIT\r\nNOOP\r\nBOGUS\r\n");
    EXPECT_EQ(code_before_the_end(output, 1), "501 5.5.4");
    EXPECT_EQ(code_before_the_end(output, 0), "221 2.0.0");
}

}  // namespace
}  // namespace postern::smtp
