// Log servers as the configuration names them. Malformed ones first.
#include "app/log_server.hpp"

#include <gtest/gtest.h>

namespace postern::app {
namespace {

TEST(LogServer, RefusesWhatIsNone) {
    for (const char* bad : {"",
                            "udp:",
                            "udp:a",
                            "udp:a:",
                            "udp::514",
                            "udp:a:0",
                            "udp:a:65536",
                            "udp:a:514 ",
                            "udp:a:+1",
                            "UDP:a:514",
                            "tls:a:6514",
                            "a:514",
                            "udp:2001:db8::1:514",
                            "udp:[a]:514",
                            "udp:[192.0.2.1]:514",
                            "udp:[2001:db8::1:514",
                            "udp:2001:db8::1]:514",
                            "udp:[]:514",
                            "udp:a b:514",
                            "udp:a\n:514",
                            "udp:[2001:db8::1]514",
                            "udp:[fe80::1%eth0]:514"}) {
        EXPECT_FALSE(parse_log_server(bad)) << bad;
    }
}

TEST(LogServer, TakesNamesAndAddresses) {
    const auto name = parse_log_server("udp:loghost.example.org:514");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->transport, LogTransport::udp);
    EXPECT_EQ(name->host, "loghost.example.org");
    EXPECT_EQ(name->port, 514);
    const auto ipv4 = parse_log_server("tcp:192.0.2.1:65535");
    ASSERT_TRUE(ipv4);
    EXPECT_EQ(ipv4->transport, LogTransport::tcp);
    EXPECT_EQ(ipv4->host, "192.0.2.1");
    EXPECT_EQ(ipv4->port, 65'535);
    const auto ipv6 = parse_log_server("tcp:[2001:db8::1]:1");
    ASSERT_TRUE(ipv6);
    EXPECT_EQ(ipv6->host, "2001:db8::1");
    EXPECT_EQ(ipv6->port, 1);
}

}  // namespace
}  // namespace postern::app
