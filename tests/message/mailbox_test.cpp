// SMTP paths: what the grammar of RFC 5321 §4.1.2 does not allow, limits, then what it does.
#include "message/mailbox.hpp"

#include <gtest/gtest.h>

#include "message/limits.hpp"

namespace postern::message {
namespace {

std::string mailbox_of(std::string_view text) {
    auto mailbox = parse_mailbox(text);
    return mailbox ? mailbox->to_string() : std::string(name_of(mailbox.error().code));
}

std::string path_of(std::string_view text, bool reverse = false) {
    auto path = reverse ? take_reverse_path(text) : take_forward_path(text);
    return path ? path->to_string() + "|" + std::string(text)
                : std::string(name_of(path.error().code));
}

}  // namespace

TEST(Mailbox, MalformedIsRefused) {
    for (std::string_view bad : {"",
                                 "a",
                                 "@b",
                                 "a@",
                                 "a b@c",
                                 "a@b c",
                                 ".a@b",
                                 "a.@b",
                                 "a..b@c",
                                 "a@-b",
                                 "a@b-",
                                 "a@b..c",
                                 "a@.b",
                                 "a@b.",
                                 "a@b_c",
                                 "\"a@b",
                                 "\"a\"b@c",
                                 "\"a\\\"@b",
                                 "a@[1.2.3]",
                                 "a@[1.2.3.256]",
                                 "a@[1.2.3.4",
                                 "a@[IPv6:1::2::3]",
                                 "a@[IPv6:zz]",
                                 "a@[foo:bar]",
                                 "a@b>",
                                 "<a@b>",
                                 "a,b@c",
                                 "a(c)@b",
                                 "a@b\r",
                                 "a\t@b"}) {
        EXPECT_EQ(mailbox_of(bad), "syntax") << bad;
    }
    EXPECT_EQ(mailbox_of(std::string_view("a\0b@c", 5)), "syntax");
    EXPECT_EQ(mailbox_of("\xff@b"), "not_utf8");
    EXPECT_EQ(mailbox_of("a@\xc3(.b"), "not_utf8");
}

TEST(Mailbox, Limits) {
    auto local = [](std::size_t size) { return std::string(size, 'l') + "@d.test"; };
    EXPECT_TRUE(parse_mailbox(local(local_part_bytes_max)));
    EXPECT_EQ(mailbox_of(local(local_part_bytes_max + 1)), "limit");
    auto label = [](std::size_t size) { return "a@" + std::string(size, 'd'); };
    EXPECT_TRUE(parse_mailbox(label(domain_label_bytes_max)));
    EXPECT_EQ(mailbox_of(label(domain_label_bytes_max + 1)), "limit");
    std::string domain;
    while (domain.size() < domain_bytes_max - 1) domain += "d.";
    EXPECT_EQ(domain.size(), domain_bytes_max - 1);
    EXPECT_TRUE(parse_mailbox("a@" + domain + "d"));
    EXPECT_EQ(mailbox_of("a@" + domain + "dd"), "limit");
    auto path = [](std::size_t size) { return "<" + std::string(size - 4, 'l') + "@d>"; };
    EXPECT_EQ(path_of(path(path_bytes_max), true), path(path_bytes_max) + "|");
    EXPECT_EQ(path_of(path(path_bytes_max + 1), true), "limit");
}

TEST(Mailbox, Forms) {
    EXPECT_EQ(mailbox_of("Smith@Example.ORG"), "Smith@example.org");
    EXPECT_EQ(mailbox_of("\"Smith\"@b"), "Smith@b");
    EXPECT_EQ(mailbox_of("\"Joe\\,Smith\"@b"), "\"Joe,Smith\"@b");
    EXPECT_EQ(parse_mailbox("\"Joe\\,Smith\"@b")->local_part, "Joe,Smith");
    EXPECT_EQ(mailbox_of("\"a\\\"b\\\\\"@b"), "\"a\\\"b\\\\\"@b");
    EXPECT_EQ(mailbox_of("\"a>b@c\"@d"), "\"a>b@c\"@d");
    EXPECT_EQ(mailbox_of("!#$%&'*+-/=?^_`{|}~@b"), "!#$%&'*+-/=?^_`{|}~@b");
    EXPECT_EQ(mailbox_of("a@[123.255.037.002]"), "a@[123.255.37.2]");
    EXPECT_EQ(mailbox_of("a@[ipv6:2001:DB8:0:0::1]"), "a@[IPv6:2001:db8::1]");
    EXPECT_EQ(parse_mailbox("a@[IPv6:::ffff:192.0.2.1]")->domain_kind, DomainKind::ipv6);
    EXPECT_EQ(parse_mailbox("a@[192.0.2.1]")->domain_kind, DomainKind::ipv4);
    EXPECT_FALSE(parse_mailbox("a@b")->needs_smtputf8);
}

// RFC 6531 §3.3
TEST(Mailbox, Internationalised) {
    auto mailbox = parse_mailbox(
        "J\xc3\xb8rn@B\xc3\x9c"
        "CHER.example");
    ASSERT_TRUE(mailbox);
    EXPECT_EQ(mailbox->to_string(),
              "J\xc3\xb8rn@b\xc3\xbc"
              "cher.example");
    EXPECT_TRUE(mailbox->needs_smtputf8);
    EXPECT_TRUE(parse_mailbox("\xc3\xb8@b")->needs_smtputf8);
    EXPECT_EQ(parse_domain("u\xcc\x88.test"), parse_domain("\xc3\xbc.test"));  // NFC
}

TEST(Path, Malformed) {
    for (std::string_view bad : {"", "a@b", "<a@b", "<a>", "<<a@b>>", "<@x a@b>", "<@x:>",
                                 "<@:a@b>", "<@x,:a@b>", "< a@b>", "<a@b >", "<postmaster"}) {
        EXPECT_EQ(path_of(bad), "syntax") << bad;
        EXPECT_EQ(path_of(bad, true), "syntax") << bad;
    }
    EXPECT_EQ(path_of("<>"), "syntax");
    EXPECT_EQ(path_of("<Postmaster>", true), "syntax");
    std::string_view untouched = "<a@b";
    EXPECT_FALSE(take_reverse_path(untouched));
    EXPECT_EQ(untouched, "<a@b");
}

TEST(Path, Forms) {
    EXPECT_EQ(path_of("<> SIZE=1", true), "<>| SIZE=1");
    EXPECT_EQ(path_of("<a@B> X"), "<a@b>| X");
    EXPECT_EQ(path_of("<PostMaster>"), "<postmaster>|");
    EXPECT_EQ(path_of("<postmaster@x>"), "<postmaster@x>|");
    EXPECT_EQ(path_of("<@hosta.int,@jkl.org:userc@d.bar.org>"), "<userc@d.bar.org>|");
    EXPECT_EQ(path_of("<\"a b>\"@c>", true), "<\"a b>\"@c>|");
    EXPECT_EQ(path_of("<a@[192.0.2.1]>"), "<a@[192.0.2.1]>|");
    std::string_view postmaster = "<Postmaster>";
    EXPECT_EQ(take_forward_path(postmaster)->kind, PathKind::postmaster);
}

}  // namespace postern::message
