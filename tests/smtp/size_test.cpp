// SIZE: what is declared is judged at MAIL, what comes is counted. RFC 1870 §3, §6.1, §6.2, §6.3.
#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(Size, MalformedOnesAreRefused) {
    for (const char* text : {"SIZE", "SIZE=", "SIZE=x", "SIZE=-1", "SIZE=1 SIZE=2", "SIZE=1.5",
                             "SIZE=123456789012345678901"}) {
        EXPECT_TRUE(is_refused(text)) << text;
    }
}

TEST(Size, DeclaredSizesAroundTheLimit) {
    EXPECT_EQ(ask("SIZE=0").refusal, "");
    EXPECT_EQ(ask("SIZE=999").refusal, "");
    EXPECT_EQ(ask("SIZE=1000").refusal, "");
    EXPECT_EQ(ask("SIZE=1001").refusal, "552 5.3.4");
    EXPECT_EQ(ask("SIZE=99999999999999999999").refusal, "552 5.3.4");
}

// RFC 1870 §6.3: the declared size is an estimate; the limit is not.
TEST(Size, WhoDeclaresTooLittleIsJudgedByWhatComes) {
    GatewayOptions options = quiet();
    options.smtp.message_bytes_max = 2'000;
    Gateway gateway(options);
    const auto send = [&](std::size_t bytes) {
        return code_before_the_end(
            gateway.talk(port_smtp, ehlo +
                                        "MAIL FROM:<a@elsewhere.test> SIZE=1\r\n"
                                        "RCPT TO:<bob@example.test>\r\nDATA\r\nSubject: x\r\n\r\n" +
                                        std::string(bytes, 'x') + "\r\n.\r\nQUIT\r\n"),
            1);
    };
    EXPECT_EQ(send(500), "250 2.0.0");
    EXPECT_EQ(send(2'000), "552 5.3.4");
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
}

TEST(Size, TheLimitIsOffered) {
    GatewayOptions options = quiet();
    options.smtp.message_bytes_max = 12'345;
    EXPECT_EQ(count_of(greeted(port_smtp, options), "250-SIZE 12345\r\n"), 1u);
}

}  // namespace
}  // namespace postern::smtp
