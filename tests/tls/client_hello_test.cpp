// First records of clients: what is not TLS, what is not whole, names that are none, damage.
// RFC 8446 §4.1.2, RFC 6066 §3.
#include "tls/client_hello.hpp"

#include <gtest/gtest.h>

#include <random>

#include "pair.hpp"
#include "tls/limits.hpp"

namespace postern::tls {
namespace {

std::string hello_of(const std::string& name) {
    Session client = connect_to(name, trusting_client());
    EXPECT_TRUE(client.handshake());
    return client.take_output();
}

TEST(ClientHello, RefusesWhatIsNotTls) {
    for (const char* text : {"EHLO client.example.test\r\n", "a1 CAPABILITY\r\n", "GET / HTTP/1.1",
                             "\x80\x2e\x01\x03\x01", "\r\n", "\x17\x03\x03"}) {
        const auto hello = parse_client_hello(text);
        ASSERT_FALSE(hello) << text;
        EXPECT_EQ(hello.error().kind, ErrorKind::gone);
        EXPECT_EQ(hello.error().code, ErrorCode::tls);
    }
    EXPECT_FALSE(parse_client_hello(std::string_view("\0", 1)));
    EXPECT_FALSE(parse_client_hello("\x16\x02"));
    EXPECT_FALSE(parse_client_hello(std::string_view("\x16\x03\x01\0\0", 5)));         // empty
    EXPECT_FALSE(parse_client_hello(std::string_view("\x16\x03\x01\x40\x01", 5)));     // too long
    EXPECT_FALSE(parse_client_hello(std::string_view("\x16\x03\x01\x01\0\x02", 6)));   // no hello
    EXPECT_TRUE(parse_client_hello(std::string_view("\x16\x03\x01\x40\x00\x01", 6)));  // the most
}

TEST(ClientHello, WaitsForTheWholeRecord) {
    const std::string bytes = hello_of("mx.example.test");
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto hello = parse_client_hello(bytes.substr(0, cut));
        ASSERT_TRUE(hello) << cut;
        EXPECT_FALSE(hello->whole) << cut;
    }
    const auto hello = parse_client_hello(bytes);
    ASSERT_TRUE(hello);
    EXPECT_TRUE(hello->whole);
    EXPECT_EQ(hello->server_name, "mx.example.test");
    EXPECT_EQ(parse_client_hello(bytes + "more")->server_name, "mx.example.test");
}

TEST(ClientHello, NamesThatAreNone) {
    EXPECT_EQ(parse_client_hello(hello_of(""))->server_name, "");
    EXPECT_EQ(parse_client_hello(hello_of("MX.Example.TEST"))->server_name, "mx.example.test");
    std::string bytes = hello_of("mx.example.test");
    const std::size_t at = bytes.find("mx.example.test");
    ASSERT_NE(at, std::string::npos);
    std::string nul = bytes;
    nul[at + 2] = '\0';
    EXPECT_EQ(parse_client_hello(nul)->server_name, "");
    std::string eight_bit = bytes;
    eight_bit[at] = '\xff';
    EXPECT_EQ(parse_client_hello(eight_bit)->server_name, "");
    std::string too_long = bytes;  // the name's length says more than there is
    too_long[at - 2] = '\xff';
    EXPECT_EQ(parse_client_hello(too_long)->server_name, "");
}

TEST(ClientHello, SurvivesDamage) {
    const std::string bytes = hello_of("mx.example.test");
    std::mt19937 random(7);
    for (int round = 0; round < 20000; ++round) {
        std::string damaged = bytes;
        for (int i = 0; i < 3; ++i) damaged[6 + random() % (bytes.size() - 6)] = char(random());
        const auto hello = parse_client_hello(damaged);
        if (hello) {
            EXPECT_LE(hello->server_name.size(), limits::server_name_bytes_max);
        }
    }
}

}  // namespace
}  // namespace postern::tls
