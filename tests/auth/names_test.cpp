// Names: what is no name first, then the forms that must compare equal, then the encoder of
// directories, which must never let a name out of its place.
#include "auth/names.hpp"

#include <gtest/gtest.h>

#include <set>

#include "auth/limits.hpp"

namespace postern::auth {
namespace {

TEST(CanonicalDomain, RefusesWhatIsNoDomain) {
    for (const char* bad :
         {"", ".", "a..b", ".a", "a.", "-a.test", "a-.test", "a b.test", "[127.0.0.1]", "127.0.0.1",
          "a_b.test", "a/b", "..", "a\nb.test", "ex\xff.test", "xn--\xc3\xbc.test"}) {
        EXPECT_FALSE(canonical_domain(bad)) << bad;
    }
    EXPECT_FALSE(canonical_domain(std::string_view("a\0.test", 7)));
    EXPECT_FALSE(canonical_domain(std::string_view("\xc3\xbc\0.test", 8)));
}

TEST(CanonicalDomain, HoldsTheLimitsOfDns) {
    const std::string label(domain_label_bytes_max, 'a');
    EXPECT_TRUE(canonical_domain(label + ".test"));
    EXPECT_FALSE(canonical_domain(label + "a.test"));
    const std::string three = label + "." + label + "." + label + ".";
    EXPECT_TRUE(canonical_domain(three + std::string(61, 'b')));
    EXPECT_FALSE(canonical_domain(three + std::string(62, 'b')));
}

TEST(CanonicalDomain, MakesUnicodeAndAsciiFormsEqual) {
    EXPECT_EQ(canonical_domain("Example.TEST"), "example.test");
    EXPECT_EQ(canonical_domain("b\xc3\xbc"
                               "cher.test"),
              "xn--bcher-kva.test");
    EXPECT_EQ(canonical_domain("B\xc3\x9c"
                               "CHER.test"),
              "xn--bcher-kva.test");
    EXPECT_EQ(canonical_domain("XN--BCHER-KVA.test"), "xn--bcher-kva.test");
    EXPECT_EQ(canonical_domain("bu\xcc\x88"
                               "cher.test"),
              "xn--bcher-kva.test");  // not yet NFC
    EXPECT_EQ(display_domain("xn--bcher-kva.test"),
              "b\xc3\xbc"
              "cher.test");
    EXPECT_EQ(display_domain("example.test"), "example.test");
}

TEST(LocalPart, FoldsCaseAndNormalises) {
    EXPECT_EQ(fold_local_part("Alice.B"), "alice.b");
    EXPECT_EQ(fold_local_part("J\xc3\x96RG"), "j\xc3\xb6rg");
    EXPECT_EQ(fold_local_part("jo\xcc\x88rg"), "j\xc3\xb6rg");
    EXPECT_EQ(fold_local_part("A\xff"), "a\xff");  // not UTF-8: bytes, ASCII folded
    EXPECT_NE(fold_local_part("stra\xc3\x9f"
                              "e"),
              fold_local_part("strasse"));
}

TEST(LocalPart, RefusesWhatCannotBeAName) {
    for (const char* bad :
         {"", ".a", "a.", "a..b", "a b", "a@b", "a\"b", "a\\b", "a\tb", "\x7f", "a,b", "a\xff",
          "a\xc2\xa0"
          "b",
          "a\xe2\x80\x8b"
          "b"}) {
        EXPECT_TRUE(check_local_part(bad, LocalPartUse::alias)) << bad;
    }
    EXPECT_TRUE(check_local_part("a+b", LocalPartUse::account));
    EXPECT_FALSE(check_local_part("a+b", LocalPartUse::alias));
    EXPECT_FALSE(check_local_part("j\xc3\xb6rg/x=1", LocalPartUse::account));
    EXPECT_FALSE(check_local_part(std::string(local_part_bytes_max, 'a'), LocalPartUse::account));
    EXPECT_TRUE(
        check_local_part(std::string(local_part_bytes_max + 1, 'a'), LocalPartUse::account));
}

TEST(LocalPart, SplitsSubaddressAndAddress) {
    EXPECT_EQ(without_subaddress("alice-a", '-'), "alice");
    EXPECT_EQ(without_subaddress("alice+a+b"), "alice");
    EXPECT_EQ(without_subaddress("+a"), "+a");
    EXPECT_EQ(without_subaddress(""), "");
    EXPECT_EQ(split_address("a@b@c").local_part, "a@b");
    EXPECT_EQ(split_address("a@b@c").domain, "c");
    EXPECT_EQ(split_address("a").domain, "");
}

TEST(HomeDirectory, EscapesWhatCouldLeaveItsPlace) {
    EXPECT_EQ(home_directory("alice", "Example.test"), "accounts/example.test/alice");
    EXPECT_EQ(home_directory("..", "example.test"), "accounts/example.test/%2E.");
    EXPECT_EQ(home_directory("../../etc", "example.test"), "accounts/example.test/%2E.%2F..%2Fetc");
    EXPECT_EQ(home_directory(std::string_view("a\0b", 3), "example.test"),
              "accounts/example.test/a%00b");
    EXPECT_EQ(home_directory("100%", "example.test"), "accounts/example.test/100%25");
    EXPECT_EQ(home_directory("A.B",
                             "b\xc3\xbc"
                             "cher.test"),
              "accounts/xn--bcher-kva.test/a.b");
    EXPECT_FALSE(home_directory("a", ".."));
    EXPECT_FALSE(home_directory("", "example.test"));
    const std::string longest(local_part_bytes_max, '/');
    const auto home = home_directory(longest, "example.test");
    ASSERT_TRUE(home);
    EXPECT_LE(home->substr(home->rfind('/') + 1).size(), home_component_bytes_max);
    EXPECT_FALSE(home_directory(longest + "/", "example.test"));
}

TEST(HomeDirectory, GivesEveryByteADirectoryOfItsOwn) {
    std::set<std::string> seen;
    for (int byte = 0; byte < 256; ++byte) {
        const std::string name{'a', static_cast<char>(byte)};
        const auto home = home_directory(name, "example.test");
        ASSERT_TRUE(home);
        const std::string component = home->substr(std::string("accounts/example.test/").size());
        EXPECT_EQ(component.find('/'), std::string::npos);
        EXPECT_EQ(component.find('\0'), std::string::npos);
        seen.insert(component);
    }
    EXPECT_EQ(seen.size(), 256u - 26u);  // capitals share with small letters, nothing else does
}

}  // namespace
}  // namespace postern::auth
