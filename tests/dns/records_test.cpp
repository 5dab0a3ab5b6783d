// Record data: malformed forms first.
#include "dns/records.hpp"

#include <gtest/gtest.h>

#include "static_resolver.hpp"

namespace postern::dns {
namespace {

using namespace std::string_view_literals;

TEST(DnsRecords, MalformedNames) {
    EXPECT_FALSE(parse_name(""sv));
    EXPECT_FALSE(parse_name("\3mx"sv));
    EXPECT_FALSE(parse_name("\2mx"sv));
    EXPECT_FALSE(parse_name("\2mx\0x"sv));
    EXPECT_FALSE(parse_name("\xc0\x0c"sv));  // a compression pointer
    std::string long_name;
    for (int i = 0; i < 5; ++i) long_name += '\x3f' + std::string(63, 'a');
    EXPECT_FALSE(parse_name(long_name + '\0'));
}

TEST(DnsRecords, Names) {
    EXPECT_EQ(parse_name("\0"sv).value(), "");
    EXPECT_EQ(parse_name("\2MX\7Example\3org\0"sv).value(), "mx.example.org");
    EXPECT_EQ(parse_name("\3a.b\1\n\0"sv).value(), "a\\046b.\\010");
}

TEST(DnsRecords, Mx) {
    EXPECT_FALSE(parse_mx("\0\12"sv));
    EXPECT_FALSE(parse_mx("\0\12\3mx"sv));
    EXPECT_EQ(parse_mx("\1\2\2mx\4test\0"sv).value(), (Mx{258, "mx.test"}));
    EXPECT_EQ(parse_mx("\0\0\0"sv).value(), (Mx{0, ""}));  // RFC 7505
}

TEST(DnsRecords, Txt) {
    EXPECT_FALSE(parse_txt(""sv));
    EXPECT_FALSE(parse_txt("\3ab"sv));
    EXPECT_EQ(parse_txt("\0"sv).value(), "");
    EXPECT_EQ(parse_txt("\7v=spf1 \4-all"sv).value(), "v=spf1 -all");
}

TEST(DnsRecords, Addresses) {
    EXPECT_FALSE(parse_a("\1\2\3"sv));
    EXPECT_FALSE(parse_aaaa("\1\2\3\4"sv));
    EXPECT_EQ(parse_a("\xc0\0\2\1"sv).value(), "192.0.2.1");
    EXPECT_EQ(parse_aaaa("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"sv).value(), "2001:db8::1");
}

TEST(DnsRecords, Tlsa) {
    EXPECT_FALSE(parse_tlsa("\3\1\1"sv));
    EXPECT_EQ(parse_tlsa("\3\1\1\xab\xcd"sv).value(), (Tlsa{3, 1, 1, "\xab\xcd"}));
}

}  // namespace
}  // namespace postern::dns
