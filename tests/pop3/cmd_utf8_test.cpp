// UTF8: where it is not allowed first; then a header beyond ASCII with it and without. RFC 6856 §2.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

const std::string header = "Subject: \xd0\x96\r\n";
const std::string body = "\xd0\x96\r\n";

TEST(Utf8, OnlyBeforeTheLoginAndNotBeforeStls) {
    Gateway gateway(quiet());
    EXPECT_EQ(ask_as_alice(gateway, "UTF8\r\n"), "-ERR Logged in already\r\n");
    const std::string output = gateway.talk(port_pop3, "UTF8 x\r\nUTF8\r\nSTLS\r\nQUIT\r\n");
    EXPECT_TRUE(
        output.ends_with("-ERR No arguments allowed\r\n+OK UTF-8 from now on\r\n"
                         "-ERR Not after UTF8\r\n+OK Goodbye\r\n"))
        << output;
}

TEST(Utf8, WithoutItTheHeaderIsASurrogate) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, header + "\r\n" + body + "..\r\n");
    const std::string retrieved = ask_as_alice(gateway, "RETR 1\r\n");
    EXPECT_EQ(count_of(retrieved, "\r\nSubject: =?utf-8?B?0JY=?=\r\n"), 1u) << retrieved;
    EXPECT_TRUE(retrieved.ends_with("\r\n\r\n" + body + "..\r\n.\r\n")) << retrieved;
    // "+OK n octets" counts what is sent, less one byte of stuffing and the last line.
    const std::size_t begin = retrieved.find("\r\n") + 2;
    EXPECT_TRUE(retrieved.starts_with("+OK " + std::to_string(retrieved.size() - begin - 4) + " "))
        << retrieved;
    const std::string top = ask_as_alice(gateway, "TOP 1 1\r\n");
    EXPECT_EQ(count_of(top, "\r\nSubject: =?utf-8?B?0JY=?=\r\n"), 1u) << top;
    EXPECT_TRUE(top.ends_with("\r\n\r\n" + body + ".\r\n")) << top;
    EXPECT_TRUE(ask_as_alice(gateway, "TOP 1 0\r\n").ends_with("\r\n\r\n.\r\n"));
}

TEST(Utf8, WithItTheHeaderIsAsItLies) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        Gateway gateway(options);
        mail_to_alice(gateway, header + "\r\n" + body);
        const std::string output =
            gateway.talk(port_pop3, "UTF8\r\n" + login + "RETR 1\r\nQUIT\r\n");
        EXPECT_EQ(count_of(output, "\r\n" + header), 1u) << output;
    }
}

TEST(Utf8, AsciiHeadersAreNeverTouched) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n" + body);
    EXPECT_EQ(count_of(ask_as_alice(gateway, "RETR 1\r\n"), "=?utf-8?"), 0u);
}

}  // namespace
}  // namespace postern::pop3
