// What SPF records allow; the questions themselves are tests/clients/console_test.py's.
#include "admin/dns_check.hpp"

#include <gtest/gtest.h>

namespace postern::admin {
namespace {

// RFC 7208 §5
TEST(DnsCheck, WhatAnSpfRecordAllows) {
    const std::vector<std::string> own = {"192.0.2.1", "2001:db8::1"};
    const auto allows = [&](const char* record) {
        return spf_allows(record, "mail.example.test", own);
    };
    for (const char* no : {"", "v=spf1", "v=spf1 -all", "v=spf1 ip4: -all", "v=spf1 -mx ~all",
                           "v=spf1 ip4:192.0.2.10 -all", "v=spf1 include:mx -all"}) {
        EXPECT_FALSE(allows(no)) << no;
    }
    for (const char* yes :
         {"v=spf1 mx -all", "v=spf1 +MX -all", "v=spf1 a:mail.example.test -all",
          "v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip6:2001:db8::1/64 -all", "v=spf1 all"}) {
        EXPECT_TRUE(allows(yes)) << yes;
    }
}

}  // namespace
}  // namespace postern::admin
