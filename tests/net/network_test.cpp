// Networks and addresses: malformed ones, prefixes at their edges.
#include "net/network.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

TEST(Network, MalformedOnesAreNone) {
    for (const char* text :
         {"", "x", "192.0.2", "192.0.2.1/33", "192.0.2.1/", "192.0.2.1/-1", "192.0.2.1/24",
          "::/129", "2001:db8::1/64", "/8", "192.0.2.0/24/8", "1.2.3.4.5", "2001:db8::/0x20"}) {
        EXPECT_FALSE(parse_network(text)) << text;
    }
}

TEST(Network, PrefixesAtTheirEdges) {
    const auto contains = [](const char* network, const char* address) {
        return is_in_any({*parse_network(network)}, address);
    };
    EXPECT_TRUE(contains("192.0.2.0/23", "192.0.3.255"));
    EXPECT_FALSE(contains("192.0.2.0/23", "192.0.4.0"));
    EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(contains("::/0", "2001:db8::1"));
    EXPECT_TRUE(contains("2001:db8:8000::/33", "2001:db8:ffff::1"));
    EXPECT_FALSE(contains("2001:db8:8000::/33", "2001:db8:7fff::1"));
    EXPECT_TRUE(contains("192.0.2.7", "::ffff:192.0.2.7"));
    EXPECT_FALSE(contains("192.0.2.7", "192.0.2.8"));
    EXPECT_FALSE(contains("192.0.2.0/24", "not an address"));
}

TEST(Network, LoopbackAndCustomers) {
    EXPECT_TRUE(is_loopback("127.0.0.1"));
    EXPECT_TRUE(is_loopback("127.9.9.9"));
    EXPECT_TRUE(is_loopback("::1"));
    EXPECT_FALSE(is_loopback("128.0.0.1"));
    EXPECT_FALSE(is_loopback("::2"));
    EXPECT_FALSE(is_loopback(""));
    EXPECT_EQ(customer_network("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(customer_network("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(customer_network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(customer_network("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
}

}  // namespace
}  // namespace postern::net
