// Address lists: broken ones first, then RFC 5322 appendix A and RFC 2047 §8.
#include "message/address.hpp"

#include <gtest/gtest.h>

#include "message/limits.hpp"

namespace postern::message {
namespace {

// One line an entry, "name|route|local|domain"; groups as "{name" and "}".
std::string show_list(std::string_view value) {
    std::string out;
    for (const Address& address : parse_address_list(value)) {
        if (!out.empty()) out += '\n';
        if (address.kind == AddressKind::group_start) {
            out += "{" + address.name;
        } else if (address.kind == AddressKind::group_end) {
            out += "}";
        } else {
            out += address.name + "|" + address.route + "|" + address.local_part + "|" +
                   address.domain;
        }
    }
    return out;
}

// The value with "@" where a domain is missing.
std::string show_lone(std::string_view value) {
    std::string out(value);
    const auto lone = find_lone_local_parts(value);
    for (auto each = lone.rbegin(); each != lone.rend(); ++each) out.insert(each->end, "@");
    return out;
}

}  // namespace

TEST(Address, BrokenListsGiveWhatTheyCan) {
    EXPECT_EQ(show_list(""), "");
    EXPECT_EQ(show_list(" , ,;,"), "");
    EXPECT_EQ(show_list("root"), "||root|");
    EXPECT_EQ(show_list("MAILER-DAEMON (Mail System)"), "Mail System||MAILER-DAEMON|");
    EXPECT_EQ(show_list("a@b <c@d>"), "a@b||c|d");
    EXPECT_EQ(show_list("a@"), "||a|");
    EXPECT_EQ(show_list("@b"), "|||b");
    EXPECT_EQ(show_list("<>"), "|||");
    EXPECT_EQ(show_list("x <a@b, c@d"), "x||a|b\n||c|d");
    EXPECT_EQ(show_list("\"unclosed <a@b>"), "||unclosed <a@b>|");
    EXPECT_EQ(show_list("(unclosed a@b"), "");
    EXPECT_EQ(show_list("a@b.c junk \"q,\" (x,y) , d@e"), "||a|b.c\n||d|e");
    EXPECT_EQ(show_list("]]]a@b"), "||a|b");
    EXPECT_EQ(show_list("friends: a@b"), "{friends\n||a|b\n}");
    EXPECT_EQ(show_list("one: two: a@b;"), "{one\n||two|\n}");
    EXPECT_EQ(show_list("<a@b@c>"), "||a|b");
    EXPECT_EQ(show_list(":a@b"), "||a|b");
    EXPECT_EQ(show_list("a@[b\\]\\\\ c]"), "||a|[b\\]\\\\c]");
    EXPECT_EQ(show_list("a@[b"), "||a|[b");
}

TEST(Address, EncodedWordsStayRaw) {
    EXPECT_EQ(show_list("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>"),
              "=?US-ASCII?Q?Keith_Moore?=||moore|cs.utk.edu");
    EXPECT_EQ(show_list("=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>"),
              "=?ISO-8859-1?Q?Andr=E9?= Pirard||PIRARD|vm1.ulg.ac.be");
    EXPECT_EQ(show_list("=?utf-8?Q?Doe,_John?= <j@d>"), "=?utf-8?Q?Doe,_John?=||j|d");
    EXPECT_EQ(show_list("nsb@thumper.bellcore.com\r\n  (=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=)"),
              "=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=||nsb|thumper.bellcore.com");
}

TEST(Address, Rfc5322AppendixA) {
    EXPECT_EQ(show_list("\"Joe Q. Public\" <john.q.public@example.com>"),
              "Joe Q. Public||john.q.public|example.com");
    EXPECT_EQ(show_list("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>"),
              "Mary Smith||mary|x.test\n||jdoe|example.org\nWho?||one|y.test");
    EXPECT_EQ(show_list("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>"),
              "||boss|nil.test\nGiant; \"Big\" Box||sysservices|example.net");
    EXPECT_EQ(show_list("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"),
              "{A Group\nEd Jones||c|a.test\n||joe|where.test\nJohn||jdoe|one.test\n}");
    EXPECT_EQ(show_list("Undisclosed recipients:;"), "{Undisclosed recipients\n}");
}

// RFC 5322 appendix A.5
TEST(Address, Comments) {
    EXPECT_EQ(show_list("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
              "Pete||pete|silly.test");
    EXPECT_EQ(
        show_list(
            "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
            "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end)"),
        "{A Group\nChris Jones||c|public.example\n||joe|example.org\nJohn||jdoe|one.test\n}");
    EXPECT_EQ(show_list("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"),
              "{Hidden recipients\n}");
    EXPECT_EQ(show_list("jdoe@one.test (John (the) Doe)"), "John (the) Doe||jdoe|one.test");
}

// RFC 5322 appendix A.6
TEST(Address, ObsoleteForms) {
    EXPECT_EQ(show_list("Joe Q. Public <john.q.public@example.com>"),
              "Joe Q. Public||john.q.public|example.com");
    EXPECT_EQ(show_list("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example"),
              "Mary Smith|@node.test|mary|example.net\n||jdoe|test.example");
    EXPECT_EQ(show_list("John Doe <jdoe@machine(comment).  example>"),
              "John Doe||jdoe|machine.example");
    EXPECT_EQ(show_list("<@a,,@b:\"x y\".z@c>"), "|@a,@b|x y.z|c");
    EXPECT_EQ(show_list("1 . 2 @ [ 10.0.0.1 ]"), "||1.2|[10.0.0.1]");
}

TEST(Address, CountLimit) {
    auto listed = [](std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += "a@b,";
        return parse_address_list(text).size();
    };
    EXPECT_EQ(listed(addresses_max - 1), addresses_max - 1);
    EXPECT_EQ(listed(addresses_max + 1), addresses_max - 1);
    std::string group = "g:";
    for (std::size_t i = 0; i < addresses_max + 1; ++i) group += "a@b,";
    auto list = parse_address_list(group);
    EXPECT_LE(list.size(), addresses_max);
    EXPECT_EQ(list.back().kind, AddressKind::group_end);
}

TEST(Address, FormatQuotesWhatNeedsIt) {
    EXPECT_EQ(format_local_part("a.b"), "a.b");
    EXPECT_EQ(format_local_part("a..b"), "\"a..b\"");
    EXPECT_EQ(format_local_part(""), "\"\"");
    EXPECT_EQ(format_local_part("a \"b\\"), "\"a \\\"b\\\\\"");
    EXPECT_EQ(format_addr_spec({.local_part = "x y", .domain = "d"}), "\"x y\"@d");
}

TEST(Address, NamesAreNoLocalParts) {
    for (const char* value : {"",
                              " ",
                              ",;,",
                              "<>",
                              "()",
                              "(root)",
                              "undisclosed recipients",
                              "J. Doe",
                              "a . b",
                              "\"root\"",
                              "\"Bob Smith\"",
                              "=?utf-8?q?root?=",
                              "<=?utf-8?q?root?=>",
                              "a@b",
                              "a@",
                              "@b",
                              "<a@b>",
                              "<a@>",
                              "root <a@b>",
                              "<root",
                              "<\"root",
                              "<a b>",
                              "<.a>",
                              "a..b",
                              "root)",
                              "root [x]",
                              "root @ b",
                              "<@relay:root>",
                              "mailto:a@b;",
                              "friends:;",
                              "a\x01"}) {
        EXPECT_EQ(show_lone(value), value);
    }
}

TEST(Address, LocalPartsThatStandAlone) {
    EXPECT_EQ(show_lone("root"), "root@");
    EXPECT_EQ(show_lone(" root (Cron Daemon)\r\n"), " root@ (Cron Daemon)\r\n");
    EXPECT_EQ(show_lone("(a, b) root(c)"), "(a, b) root@(c)");
    EXPECT_EQ(show_lone("Cron <root>"), "Cron <root@>");
    EXPECT_EQ(show_lone("\"a, b\" < root (x) >, =?utf-8?q?c?= <d.e>"),
              "\"a, b\" < root@ (x) >, =?utf-8?q?c?= <d.e@>");
    EXPECT_EQ(show_lone("a, b@c, \"d\", <\"e f\">,\r\n g"), "a@, b@c, \"d\", <\"e f\"@>,\r\n g@");
    EXPECT_EQ(show_lone("friends: a, b <c>;, d; e"), "friends: a@, b <c@>;, d@; e@");
    EXPECT_EQ(show_lone("gr\xc3\xbcn+x"), "gr\xc3\xbcn+x@");
    EXPECT_EQ(find_lone_local_parts("<\"e \\\"f\">").at(0).local_part, "e \"f");
}

}  // namespace postern::message
