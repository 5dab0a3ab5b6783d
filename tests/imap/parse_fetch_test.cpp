// FETCH items: malformed ones first, then macros, sections, partials and the labels of the answer.
#include "imap/parse_fetch.hpp"

#include <gtest/gtest.h>

#include "imap/limits.hpp"

namespace postern::imap {
namespace {

TEST(ParseFetch, RefusesMalformedItems) {
    for (std::string_view text : {"",
                                  "(",
                                  "()",
                                  "(FLAGS",
                                  "FLAGS)",
                                  "(FLAGS )",
                                  "(ALL)",
                                  "ALL FLAGS",
                                  "FOO",
                                  "BODY[",
                                  "BODY[]x",
                                  "BODY[0]",
                                  "BODY[1.]",
                                  "BODY[.1]",
                                  "BODY[1..2]",
                                  "BODY[MIME]",
                                  "BODY[HEADER.FIELDS]",
                                  "BODY[HEADER.FIELDS ()]",
                                  "BODY[HEADER.FIELDS (a]",
                                  "BODY[HEADER.FIELDS(a)]",
                                  "BODY[]<0>",
                                  "BODY[]<0.0>",
                                  "BODY[]<.1>",
                                  "BODY[]<1.2",
                                  "BODY[FOO]",
                                  "BODY.PEEK",
                                  "BODY[1.FOO]",
                                  "RFC822.FOO",
                                  "BODY[4294967296]"}) {
        Decoder in(text);
        parse_fetch_items(in);
        EXPECT_FALSE(in.finish()) << text;
    }
}

TEST(ParseFetch, HasALimit) {
    std::string text = "(UID";
    for (std::size_t i = 1; i < fetch_items_max; ++i) text += " UID";
    std::string fits = text + ")";
    Decoder in(fits);
    EXPECT_EQ(parse_fetch_items(in).size(), fetch_items_max);
    EXPECT_TRUE(in.finish());
    std::string over = text + " UID)";
    Decoder more(over);
    parse_fetch_items(more);
    EXPECT_FALSE(more.finish());
}

std::string labels(std::string_view text) {
    Decoder in(text);
    std::string joined;
    for (const auto& item : parse_fetch_items(in)) {
        joined += item.label + (item.marks_seen ? "! " : " ");
    }
    EXPECT_TRUE(in.finish()) << text;
    return joined;
}

TEST(ParseFetch, Macros) {
    EXPECT_EQ(labels("fast"), "FLAGS INTERNALDATE RFC822.SIZE ");
    EXPECT_EQ(labels("ALL"), "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE ");
    EXPECT_EQ(labels("Full"), "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY ");
}

TEST(ParseFetch, LabelsAndWhatMarksSeen) {
    EXPECT_EQ(labels("(uid flags)"), "UID FLAGS ");
    EXPECT_EQ(labels("(RFC822 RFC822.HEADER RFC822.TEXT)"), "RFC822! RFC822.HEADER RFC822.TEXT! ");
    EXPECT_EQ(labels("body[]"), "BODY[]! ");
    EXPECT_EQ(labels("body.peek[]<5.10>"), "BODY[]<5> ");
    EXPECT_EQ(labels("BODY"), "BODY ");
    EXPECT_EQ(labels("BODY.PEEK[1.2.mime]"), "BODY[1.2.MIME] ");
    EXPECT_EQ(labels("BODY.PEEK[3.header.fields.not (From \"X Y\")]"),
              "BODY[3.HEADER.FIELDS.NOT (From \"X Y\")] ");
}

TEST(ParseFetch, Sections) {
    Decoder in("BODY[2.3.HEADER.FIELDS (From To)]<1.2>");
    auto items = parse_fetch_items(in);
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(items[0].section.parts, (std::vector<std::uint32_t>{2, 3}));
    EXPECT_EQ(items[0].section.text, message::SectionText::header);
    EXPECT_EQ(items[0].section.fields, HeaderFields::only);
    EXPECT_EQ(items[0].section.names, (std::vector<std::string>{"From", "To"}));
    EXPECT_EQ(items[0].partial->first, 1u);
    EXPECT_EQ(items[0].partial->length, 2u);
}

}  // namespace
}  // namespace postern::imap
