// Header fields: garbage lines, folding, both line endings, RFC 5322 appendix A.6.3, and subsets.
#include "message/header.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "message/limits.hpp"

namespace postern::message {
namespace {

std::vector<HeaderField> all_fields(std::string_view header) {
    std::vector<HeaderField> fields;
    HeaderReader reader(header);
    while (auto field = reader.next()) fields.push_back(*field);
    return fields;
}

}  // namespace

TEST(Header, GarbageLinesAreNamelessAndEndNothing) {
    std::string_view text =
        "From alice Mon Jan  1\r\nno colon here\r\n: empty name\r\nbad name: x\r\nTo: b\r\n\r\nB: "
        "c";
    auto fields = all_fields(text);
    ASSERT_EQ(fields.size(), 5u);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(fields[i].name.empty()) << i;
    EXPECT_EQ(fields[4].name, "To");
    EXPECT_EQ(header_section_size(text), text.size() - 4);
}

TEST(Header, StartsWithFoldOrNothing) {
    EXPECT_TRUE(all_fields("").empty());
    EXPECT_TRUE(all_fields("\r\nA: b\r\n").empty());
    auto fields = all_fields(" folded first\r\nA: b");
    ASSERT_EQ(fields.size(), 2u);
    EXPECT_TRUE(fields[0].name.empty());
    EXPECT_EQ(fields[1].value, " b");
    EXPECT_EQ(header_section_size(""), 0u);
    EXPECT_EQ(header_section_size("\n"), 1u);
    EXPECT_EQ(header_section_size("A: b"), 4u);
}

TEST(Header, BareCarriageReturnIsNoLineEnding) {
    auto fields = all_fields("A: b\rC: d\r\n\r\r\nE: f\r\n");
    ASSERT_EQ(fields.size(), 3u);
    EXPECT_EQ(fields[0].value, " b\rC: d");
    EXPECT_TRUE(fields[1].name.empty());
}

TEST(Header, LineFeedOnly) {
    std::string_view text = "A: b\n c\nD:e\n\nbody\n";
    auto fields = all_fields(text);
    ASSERT_EQ(fields.size(), 2u);
    EXPECT_EQ(fields[0].raw, "A: b\n c\n");
    EXPECT_EQ(unfold_value(fields[0].value), "b c");
    EXPECT_EQ(text.substr(header_section_size(text)), "body\n");
}

// RFC 5322 appendix A.6.3: white space before the colon, a folded line of spaces only.
TEST(Header, ObsoleteWhiteSpace) {
    std::string_view text =
        "From  : John Doe <jdoe@machine(comment).  example>\r\nTo    : Mary Smith\r\n  \r\n"
        "          <mary@example.net>\r\nSubject     : Saying Hello\r\n\r\n";
    auto fields = all_fields(text);
    ASSERT_EQ(fields.size(), 3u);
    EXPECT_EQ(fields[1].name, "To");
    EXPECT_EQ(unfold_value(fields[1].value), "Mary Smith            <mary@example.net>");
    ASSERT_TRUE(find_field(text, "sUBJECT"));
    EXPECT_EQ(unfold_value(find_field(text, "subject")->value), "Saying Hello");
    EXPECT_FALSE(find_field(text, "Subj"));
}

TEST(Header, UnfoldCutsAtTheLimitAndReplacesNul) {
    EXPECT_EQ(unfold_value(std::string_view(" a\0b \r\n", 7)), "a b");
    EXPECT_EQ(unfold_value(std::string(field_bytes_max, 'x')).size(), field_bytes_max);
    EXPECT_EQ(unfold_value(std::string(field_bytes_max + 1, 'x')).size(), field_bytes_max);
}

TEST(Header, Filter) {
    std::string_view header = "Date: d\r\nFrom: a\r\n b\r\njunk\r\nDATE: e\r\n\r\n";
    const std::string_view names[] = {"date", "Cc"};
    EXPECT_EQ(filter_header(header, names, FieldFilter::only), "Date: d\r\nDATE: e\r\n\r\n");
    EXPECT_EQ(filter_header(header, names, FieldFilter::except), "From: a\r\n b\r\njunk\r\n\r\n");
    EXPECT_EQ(filter_header("Date: d\r\n", names, FieldFilter::only), "Date: d\r\n");
    EXPECT_EQ(filter_header("", names, FieldFilter::only), "");
}

}  // namespace postern::message
