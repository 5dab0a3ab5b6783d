// VRFY tells nobody who is here. RFC 5321 §3.5.3, §7.3.
// On submission ports it needs a login.
#include <gtest/gtest.h>

#include "base/ascii.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Vrfy, SaysTheSameOfEverybody) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo + "VRFY\r\nVRFY bob\r\nVRFY nobody\r\nQUIT\r\n");
    EXPECT_EQ(code_before_the_end(output, 3), "501 5.5.4");
    EXPECT_EQ(lines_of(output).end()[-2], lines_of(output).end()[-3]);
    EXPECT_EQ(code_before_the_end(output, 1), "252 2.0.0");
    const std::string refused = gateway.talk(port_submission, ehlo + "VRFY bob\r\nQUIT\r\n");
    EXPECT_EQ(code_before_the_end(refused, 1), "530 5.7.0");
}

// RFC 6531 §3.7.4.2
TEST(Vrfy, TheParameterHasNoValue) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, ehlo +
                                    "VRFY SMTPUTF8\r\nVRFY bob SMTPUTF8=yes\r\n"
                                    "VRFY j\xc3\xb8rn SMTPUTF8\r\nVRFY j\xc3\xb8rn\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "501 5.5.4"), 2u) << output;
    EXPECT_EQ(count_of(output, "252 2.0.0"), 2u) << output;
    EXPECT_FALSE(has_8bit(output));
}

}  // namespace
}  // namespace postern::smtp
