// AUTH: bad exchanges first. RFC 5034 §4.
// Challenges are "+ ", and "*" cancels.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Auth, BadExchangesAreAnsweredAndTheSessionGoesOn) {
    Gateway gateway(quiet());
    const auto answer = [&](const std::string& exchange) {
        return gateway.talk(port_pop3, exchange + "\r\nQUIT\r\n");
    };
    for (const char* exchange : {"AUTH", "AUTH NOSUCH", "AUTH PLAIN !",
                                 "AUTH PLAIN =", "AUTH PLAIN\r\n*", "AUTH LOGIN\r\n!"}) {
        EXPECT_EQ(count_of(answer(exchange), "-ERR"), 1u) << exchange;
    }
    EXPECT_EQ(count_of(answer("AUTH PLAIN\r\n" + std::string(5'000, 'A')), "-ERR"), 1u);
    EXPECT_EQ(count_of(answer("AUTH PLAIN AGFsaWNlAHdyb25n"), "-ERR [AUTH]"), 1u);
    EXPECT_EQ(count_of(answer("auth plain AGFsaWNlAHNlY3JldA=="), "+OK 0 messages"), 1u);
    EXPECT_EQ(count_of(answer("AUTH PLAIN\r\nAGFsaWNlAHNlY3JldA=="), "+ \r\n+OK 0 messages"), 1u);
    EXPECT_EQ(count_of(answer("AUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0"), "+OK 0 messages"), 1u);
}

}  // namespace
}  // namespace postern::pop3
