// TOP: the header section and so many lines, with dots stuffed. RFC 1939 §7.
// More lines than there are give the whole message.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Top, IsHeaderEmptyLineAndLines) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n..one\r\ntwo\r\n");
    const auto body = [&](const std::string& command) {
        const std::string output = ask_as_alice(gateway, command + "\r\n");
        const std::size_t at = output.find("Subject: x\r\n");
        return at == std::string::npos ? output : output.substr(at + 12);
    };
    for (const char* bad : {"TOP", "TOP 1", "TOP 1 x", "TOP 2 0", "TOP 0 0", "TOP 1 -1"}) {
        EXPECT_TRUE(body(bad).starts_with("-ERR")) << bad;
    }
    EXPECT_EQ(body("TOP 1 0"), "\r\n.\r\n");
    EXPECT_EQ(body("TOP 1 1"), "\r\n..one\r\n.\r\n");
    EXPECT_EQ(body("TOP 1 2"), "\r\n..one\r\ntwo\r\n.\r\n");
    EXPECT_EQ(body("TOP 1 4000000000"), "\r\n..one\r\ntwo\r\n.\r\n");
}

}  // namespace
}  // namespace postern::pop3
