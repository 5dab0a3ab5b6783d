// NOOP with anything behind it, and the commands that are known and not performed.
// RFC 5321 §4.1.1.9, §4.2.4.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Noop, WhatIsNotPerformedIsSaid) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo +
                                    "EXPN team\r\nETRN x\r\nTURN\r\nSEND FROM:<>\r\n"
                                    "SOML FROM:<>\r\nSAML FROM:<>\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "502 5.5.1"), 6u) << output;
}

TEST(Noop, IgnoresItsArgument) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(port_smtp, "NOOP\r\nnoop \xc3\xa9 x\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.0.0"), 2u) << output;
}

}  // namespace
}  // namespace postern::smtp
