// The grammar of SCRAM's messages: what it does not allow first. RFC 5802 §7.
#include "auth/scram_message.hpp"

#include <gtest/gtest.h>

namespace postern::auth {
namespace {

using std::string_literals::operator""s;

TEST(ScramMessage, BadFirstMessages) {
    using enum ScramError;
    const std::pair<std::string, ScramError> bad[] = {
        {"", invalid_encoding},
        {"n", invalid_encoding},
        {"n,", invalid_encoding},
        {"n,,", invalid_encoding},
        {"n,,n=user", invalid_encoding},
        {"n,,n=user,", invalid_encoding},
        {"n,,n=user,r=", invalid_encoding},
        {"n,,n=user,r=abc,", invalid_encoding},
        {"n,,n=user,r=abc,x", invalid_encoding},
        {"n,,n=user,r=abc,x=", invalid_encoding},
        {"n,,n=user,r=abc,1=x", invalid_encoding},
        {"n,,n=user,r=abc,x=y,", invalid_encoding},
        {"n,,n=user,r=abc,x=\xc3", invalid_encoding},
        {"n,,n=user,r=abc,x=a\0b"s, invalid_encoding},
        {"n,,n=user,r=a c", invalid_encoding},
        {"n,,n=user,r=a\x7f", invalid_encoding},
        {"n,,n=user,r=\xc3\xa4", invalid_encoding},
        {"n,,r=abc,n=user", invalid_encoding},
        {"n,,N=user,r=abc", invalid_encoding},
        {"x,,n=user,r=abc", invalid_encoding},
        {"nn,,n=user,r=abc", invalid_encoding},
        {"p,,n=user,r=abc", invalid_encoding},
        {"p=,,n=user,r=abc", invalid_encoding},
        {"p=tls_unique,,n=user,r=abc", invalid_encoding},
        {"n,b=other,n=user,r=abc", invalid_encoding},
        {"n,,m=x,n=user,r=abc", extensions_not_supported},
        {"n,,n=,r=abc", invalid_username_encoding},
        {"n,,n=us=er,r=abc", invalid_username_encoding},
        {"n,,n=us=2,r=abc", invalid_username_encoding},
        {"n,,n=us=2c,r=abc", invalid_username_encoding},
        {"n,,n=us=3,r=abc", invalid_username_encoding},
        {"n,,n=us\xff,r=abc", invalid_username_encoding},
        {"n,,n=us\0er,r=abc"s, invalid_username_encoding},
        {"n,a=,n=user,r=abc", invalid_username_encoding},
        {"n,a==,n=user,r=abc", invalid_username_encoding},
    };
    for (const auto& [message, error] : bad) {
        const auto parsed = parse_client_first(message);
        ASSERT_FALSE(parsed) << message;
        EXPECT_STREQ(name_of(parsed.error()), name_of(error)) << message;
    }
}

TEST(ScramMessage, GoodFirstMessages) {
    const auto plain = parse_client_first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");  // RFC 5802 §5
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->gs2_header, "n,,");
    EXPECT_EQ(plain->binding, ScramBinding::unsupported);
    EXPECT_EQ(plain->bare, "n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    EXPECT_EQ(plain->user_name, "user");
    EXPECT_EQ(plain->nonce, "fyko+d2lbbFgONRv9qkxdawL");
    const auto full = parse_client_first("p=tls-exporter,a=a=3Db,n=u=2Cs=3Der,r=a=b,x=y=z,Z=1");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->gs2_header, "p=tls-exporter,a=a=3Db,");
    EXPECT_EQ(full->binding, ScramBinding::used);
    EXPECT_EQ(full->binding_type, "tls-exporter");
    EXPECT_EQ(full->authorization, "a=b");
    EXPECT_EQ(full->user_name, "u,s=er");
    EXPECT_EQ(full->nonce, "a=b");
    EXPECT_EQ(parse_client_first("y,,n=u,r=a")->binding, ScramBinding::not_offered);
}

TEST(ScramMessage, BadFinalMessages) {
    for (const char* bad :
         {"", "p=AAAA", ",p=AAAA", "c=biws,p=AAAA", "c=biws,r=abc", "c=biws,r=abc,",
          "c=biws,r=abc,p", "c=biws,r=,p=AAAA", "c=biws,r=abc,p=AAA", "c=biws,r=abc,p=!",
          "c=biws,r=abc,p=AAAA,x=y", "c=biw,r=abc,p=AAAA", "c=b!ws,r=abc,p=AAAA",
          "r=abc,c=biws,p=AAAA", "c=biws,r=abc,x,p=AAAA", "c=biws,r=abc,,p=AAAA",
          "x=y,c=biws,r=abc,p=AAAA", "c=biws,r=a c,p=AAAA"}) {
        const auto parsed = parse_client_final(bad);
        ASSERT_FALSE(parsed) << bad;
        EXPECT_EQ(parsed.error(), ScramError::invalid_encoding) << bad;
    }
}

TEST(ScramMessage, GoodFinalMessages) {
    const auto parsed = parse_client_final("c=biws,r=abc,x=y,p=AAEC");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->binding_input, "n,,");
    EXPECT_EQ(parsed->nonce, "abc");
    EXPECT_EQ(parsed->proof, "\0\1\2"s);
    EXPECT_EQ(parsed->without_proof, "c=biws,r=abc,x=y");
    EXPECT_EQ(format_server_first("abc", "\0\1\2"s, 4096), "r=abc,s=AAEC,i=4096");
}

}  // namespace
}  // namespace postern::auth
