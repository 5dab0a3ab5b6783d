// HELP: every line of its answer carries the code. RFC 5321 §4.1.1.8.
// An argument changes nothing.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Help, IsOneReplyOfSeveralLines) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(port_smtp, "HELP\r\nHELP mail\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "214-2.0.0 "), 2u) << output;
    EXPECT_EQ(count_of(output, "214 2.0.0 "), 2u);
}

}  // namespace
}  // namespace postern::smtp
