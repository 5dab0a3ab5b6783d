// MTA-STS records and policies: malformed forms first; the example is that of RFC 8461 §3.2.
#include "smtp/client/mta_sts.hpp"

#include <gtest/gtest.h>

namespace postern::smtp::client {
namespace {

const std::string example =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
    "mx: backupmx.example.com\r\nmax_age: 604800\r\n";

TEST(MtaSts, MalformedPolicies) {
    for (const char* text :
         {"", "mode: enforce\nversion: STSv1\nmx: a.test\nmax_age: 1\n",
          "version: STSv2\nmode: none\nmax_age: 1\n", "version: STSv1\nmode: maybe\nmax_age: 1\n",
          "version: STSv1\nmode: enforce\nmax_age: 1\n", "version: STSv1\nmode: none\n",
          "version: STSv1\nmode: none\nmax_age: -1\n", "version: STSv1\nmode: none\nmax_age:\n",
          "version: STSv1\nmode: testing\nmx: a b\nmax_age: 1\n", "<html>\n",
          "version: STSv1\nmode: none\nmax_age: 99999999999\n"}) {
        EXPECT_FALSE(parse_sts_policy(text)) << text;
    }
    EXPECT_FALSE(parse_sts_policy(example + std::string(70'000, '\n')));
}

TEST(MtaSts, Policy) {
    const auto policy = parse_sts_policy(example);
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->mode, StsMode::enforce);
    EXPECT_EQ(policy->max_age_s, 604'800u);
    EXPECT_EQ(policy->exchangers.size(), 3u);
    EXPECT_TRUE(allows_host(*policy, "mail.example.com"));
    EXPECT_TRUE(allows_host(*policy, "MX1.example.net"));
    EXPECT_FALSE(allows_host(*policy, "a.b.example.net")) << "a wildcard is one label";
    EXPECT_FALSE(allows_host(*policy, "example.net"));
    EXPECT_FALSE(allows_host(*policy, ".example.net"));
    EXPECT_EQ(parse_sts_policy("version: STSv1\nmode: none\nmax_age: 4294967295\n")->max_age_s,
              31'557'600u);
}

TEST(MtaSts, Records) {
    EXPECT_FALSE(find_sts_id({}));
    EXPECT_FALSE(find_sts_id({"v=spf1 -all"}));
    EXPECT_FALSE(find_sts_id({"v=STSv1"}));
    EXPECT_FALSE(find_sts_id({"v=STSv1; id=;"}));
    EXPECT_FALSE(find_sts_id({"v=STSv1; id=a-b;"}));
    EXPECT_FALSE(find_sts_id({"v=STSv1; id=" + std::string(33, 'a')}));
    EXPECT_FALSE(find_sts_id({"v=STSv1; id=1;", "v=STSv1; id=2;"})) << "several are none";
    for (const char* text : {"v=STSv1; id=1; nonsense", "v=STSv1; id=1; =x",
                             "v=STSv1; id=1; x=", "v=STSv1; id=1; x=a b", "v=STSv1; id=1; x=a=b",
                             "v=STSv1; id=1; -x=1", "v=STSv1; id=1; x\x80=1", "v=STSv1;; id=1",
                             "v=STSv1; id=a-b; id=1", "v=STSv1; x=1", "v=STSv1 id=1;"}) {
        EXPECT_FALSE(find_sts_id({text})) << text;
    }
    EXPECT_FALSE(find_sts_id({"v=STSv1; id=1; " + std::string(33, 'x') + "=1"}));
    EXPECT_EQ(find_sts_id({"x", "v=STSv1; id=20160831085700Z;"}).value(), "20160831085700Z");
    EXPECT_EQ(find_sts_id({"v=STSv1;foo=bar; id=1"}).value(), "1");
    EXPECT_EQ(find_sts_id({"v=STSv1 ; x-1.y_z=%; id=1 ; "}).value(), "1");
    EXPECT_EQ(find_sts_id({"v=STSv1; id=1; id=2"}).value(), "1") << "the first counts";
}

TEST(MtaSts, TheCachesFormat) {
    EXPECT_FALSE(parse_cached_sts(example));
    EXPECT_FALSE(parse_cached_sts("postern-sts 1\nid\n12\n" + example)) << "an older form";
    EXPECT_FALSE(parse_cached_sts("postern-sts 2\nid\nsoon\n1\n1\n" + example));
    EXPECT_FALSE(parse_cached_sts("postern-sts 2\nid\n12\n1\n" + example));
    EXPECT_FALSE(parse_cached_sts("postern-sts 2\ni d\n12\n1\n1\n" + example));
    EXPECT_FALSE(parse_cached_sts("postern-sts 2\nid\n12\n1\n1\nmode: none\n"));
    CachedSts cached{"abc1",        1'700'000'000, 1'600'000'000,
                     1'650'000'000, example,       parse_sts_policy(example).value()};
    const auto again = parse_cached_sts(format_cached_sts(cached));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, "abc1");
    EXPECT_EQ(again->expires_s, 1'700'000'000);
    EXPECT_EQ(again->fetched_s, 1'600'000'000);
    EXPECT_EQ(again->used_s, 1'650'000'000);
    EXPECT_EQ(again->policy, cached.policy);
}

}  // namespace
}  // namespace postern::smtp::client
