// What may be asked for, and A-labels; reverse names of RFC 1035 §3.5 and RFC 3596 §2.5.
#include "dns/name.hpp"

#include <gtest/gtest.h>

namespace postern::dns {
namespace {

TEST(DnsName, BadNamesAreNotAskedFor) {
    const std::string label63(63, 'a');
    for (const std::string& name :
         {std::string(), std::string("."), std::string("a..b"), std::string(".a"),
          std::string("a."), std::string("a b"), std::string("a\0b", 3), std::string("a\\b"),
          std::string("\xc3\xa4.example"), label63 + "a.test",
          label63 + "." + label63 + "." + label63 + "." + std::string(62, 'b')}) {
        EXPECT_FALSE(is_query_name(name)) << name;
    }
    EXPECT_TRUE(
        is_query_name(label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b')));
    EXPECT_TRUE(is_query_name("_25._tcp.mx.example.org"));
}

TEST(DnsName, HostNames) {
    EXPECT_FALSE(is_host_name("-a.test"));
    EXPECT_FALSE(is_host_name("a-.test"));
    EXPECT_FALSE(is_host_name("a*.test"));
    EXPECT_FALSE(is_host_name("a/b"));
    EXPECT_TRUE(is_host_name("mx-1.example.org"));
    EXPECT_TRUE(is_host_name("mail_out.example.org"));
}

TEST(DnsName, ALabels) {
    EXPECT_FALSE(to_ascii_name("\xff\xfe.test"));
    EXPECT_FALSE(to_ascii_name("a..b"));
    EXPECT_FALSE(to_ascii_name(""));
    EXPECT_EQ(to_ascii_name("B\xc3\xbc"
                            "cher.Example")
                  .value(),
              "xn--bcher-kva.example");
    EXPECT_EQ(to_ascii_name("fa\xc3\x9f.de").value(), "xn--fa-hia.de");  // nontransitional
    EXPECT_EQ(to_ascii_name("Example.ORG.").value(), "example.org");
}

TEST(DnsName, Reversed) {
    EXPECT_FALSE(reversed_address("192.0.2"));
    EXPECT_FALSE(reverse_name("mx.example.org"));
    EXPECT_EQ(reversed_address("192.0.2.1").value(), "1.2.0.192");
    EXPECT_EQ(reverse_name("192.0.2.1").value(), "1.2.0.192.in-addr.arpa");
    // RFC 3596 §2.5
    EXPECT_EQ(reverse_name("4321:0:1:2:3:4:567:89ab").value(),
              "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
}

}  // namespace
}  // namespace postern::dns
