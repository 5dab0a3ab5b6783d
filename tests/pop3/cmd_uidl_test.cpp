// UIDL: names of 1 to 70 printable characters, each once. RFC 1939 §7.
// That they survive restarts is in cmd_quit_test.cpp.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Uidl, NamesAreShortPrintableAndDifferent) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\nbody\r\n", 3);
    const std::string first = ask_as_alice(gateway, "UIDL 1\r\n");
    const std::string second = ask_as_alice(gateway, "UIDL 2\r\n");
    ASSERT_TRUE(first.starts_with("+OK 1 ") && first.ends_with("\r\n")) << first;
    const std::string name = first.substr(6, first.size() - 8);
    EXPECT_TRUE(!name.empty() && name.size() <= 70) << name;
    for (char c : name) EXPECT_TRUE(c >= 0x21 && c <= 0x7e) << name;
    EXPECT_NE(name, second.substr(6, second.size() - 8));
    EXPECT_TRUE(ask_as_alice(gateway, "UIDL 4\r\n").starts_with("-ERR"));
}

}  // namespace
}  // namespace postern::pop3
