// SEARCH keys: malformed and hostile programs first, then the shape of the tree.
#include "imap/parse_search.hpp"

#include <gtest/gtest.h>

#include "imap/limits.hpp"

namespace postern::imap {
namespace {

Result<SearchProgram> parse(std::string_view text) {
    Decoder in(text);
    return parse_search(in);
}

TEST(ParseSearch, RefusesMalformedKeys) {
    for (std::string_view text : {"",
                                  " ",
                                  "FOO",
                                  "ALL ",
                                  "ALL  ALL",
                                  "(",
                                  "()",
                                  "(ALL",
                                  "ALL)",
                                  "NOT",
                                  "NOT ",
                                  "OR ALL",
                                  "OR ALL ",
                                  "FROM",
                                  "FROM ",
                                  "HEADER x",
                                  "SINCE",
                                  "SINCE x",
                                  "LARGER x",
                                  "KEYWORD",
                                  "KEYWORD \\Seen",
                                  "UID",
                                  "UID x",
                                  "0",
                                  "1:",
                                  "CHARSET",
                                  "CHARSET UTF-8",
                                  "LARGER 9223372036854775808",
                                  "SENTON 31-Feb-2020"}) {
        EXPECT_FALSE(parse(text)) << text;
    }
}

TEST(ParseSearch, UnknownCharset) {
    auto program = parse("CHARSET X-KLINGON ALL");
    ASSERT_FALSE(program);
    EXPECT_EQ(program.error().code, ErrorCode::unsupported);
    EXPECT_TRUE(parse("CHARSET us-ascii ALL"));
    EXPECT_TRUE(parse("CHARSET UTF-8 ALL"));
}

TEST(ParseSearch, NestingIsBounded) {
    std::string nots;
    for (std::size_t i = 0; i + 1 < search_depth_max; ++i) nots += "NOT ";
    EXPECT_TRUE(parse(nots + "ALL"));
    EXPECT_EQ(parse(nots + "NOT ALL").error().code, ErrorCode::limit);
    std::string open(10'000, '(');
    EXPECT_EQ(parse(open).error().code, ErrorCode::limit);
    std::string ors;
    for (int i = 0; i < 10'000; ++i) ors += "OR ALL ";
    EXPECT_EQ(parse(ors + "ALL").error().code, ErrorCode::limit);
}

TEST(ParseSearch, KeysAreBounded) {
    std::string text = "ALL";
    for (std::size_t i = 2; i < search_keys_max; ++i) text += " ALL";
    EXPECT_TRUE(parse(text));
    EXPECT_EQ(parse(text + " ALL").error().code, ErrorCode::limit);
}

std::string shape(const SearchProgram& program, std::uint32_t index = 0) {
    const SearchNode& node = program.nodes[index];
    std::string text;
    switch (node.kind) {
        case SearchKind::conjunction: text = "and"; break;
        case SearchKind::disjunction: text = "or"; break;
        case SearchKind::negation: text = "not"; break;
        case SearchKind::recent: return "recent";
        case SearchKind::all: return "all";
        default: return node.name + (node.text.empty() ? "" : "=" + node.text);
    }
    text += "(";
    for (std::uint32_t child : node.children) text += shape(program, child) + " ";
    text.back() = ')';
    return text;
}

TEST(ParseSearch, Shapes) {
    EXPECT_EQ(shape(*parse("ALL")), "and(all)");
    EXPECT_EQ(shape(*parse("new old")), "and(and(recent not(\\Seen)) not(recent))");
    EXPECT_EQ(shape(*parse("OR (SEEN DELETED) NOT FROM Bob")),
              "and(or(and(\\Seen \\Deleted) not(From=bob)))");
    EXPECT_EQ(shape(*parse("UNKEYWORD $Junk HEADER X-A \"\"")), "and(not($Junk) X-A)");
}

TEST(ParseSearch, TextsAreFolded) {
    auto program = parse(
        "SUBJECT {7}\r\nSTRA\xc3\x9f"
        "E");
    ASSERT_TRUE(program);
    EXPECT_EQ(program->nodes[1].text, "strasse");
    program = parse("CHARSET iso-8859-1 BODY {1}\r\n\xc9");
    ASSERT_TRUE(program);
    EXPECT_EQ(program->nodes[1].text, parse("BODY {2}\r\n\xc3\xa9")->nodes[1].text);
}

}  // namespace
}  // namespace postern::imap
