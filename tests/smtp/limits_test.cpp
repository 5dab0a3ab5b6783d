// LIMITS: what is said is what holds. RFC 9422 §4, §5.2 (RCPTMAX).
#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(LimitsExtension, AsManyRecipientsAsWereSaid) {
    GatewayOptions options = quiet();
    options.smtp.recipients_max = 3;
    EXPECT_EQ(count_of(greeted(port_smtp, options), "250-LIMITS RCPTMAX=3\r\n"), 1u);
    Gateway gateway(options);
    const std::string output =
        gateway.talk(port_smtp, ehlo + "MAIL FROM:<>\r\n" +
                                    repeat("RCPT TO:<bob@example.test>\r\n", 5) + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.1.5"), 3u) << output;
    EXPECT_EQ(count_of(output, "452 4.5.3"), 2u) << output;
}

TEST(LimitsExtension, ValuesHaveSixDigitsAtMost) {
    GatewayOptions options = quiet();
    options.smtp.recipients_max = 1'000'000;
    EXPECT_EQ(count_of(greeted(port_smtp, options), "250-LIMITS RCPTMAX=999999\r\n"), 1u);
}

}  // namespace
}  // namespace postern::smtp
