// The grammar: malformed arguments first, then what each production gives.
#include "imap/decoder.hpp"

#include <gtest/gtest.h>

#include "imap/limits.hpp"

namespace postern::imap {
namespace {

TEST(Decoder, RefusesMalformedStrings) {
    for (std::string_view text : {"",
                                  " ",
                                  "(",
                                  "\"",
                                  "\"abc",
                                  "\"a\\b\"",
                                  "\"a\rb\"",
                                  "\"a\nb\"",
                                  "\"\\",
                                  "{",
                                  "{}",
                                  "{1}",
                                  "{3}\r\nab",
                                  "{x}\r\na",
                                  "{1+\r\na",
                                  "{-1}\r\n",
                                  "{99999999999999999999}\r\n",
                                  "\\",
                                  "%",
                                  "\"\xff\"",
                                  "\xc3\xa9"}) {
        Decoder in(text);
        in.astring();
        EXPECT_FALSE(in.finish()) << text;
    }
    Decoder nul(std::string_view("\"a\0b\"", 5));
    nul.astring();
    EXPECT_FALSE(nul.finish());
    Decoder literal(std::string_view("{3}\r\na\0b", 8));
    literal.astring();
    EXPECT_EQ(literal.finish().error().code, ErrorCode::forbidden_byte);
}

TEST(Decoder, TheFirstMistakeSticks) {
    Decoder in("abc def");
    in.expect('(');
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.astring(), "");
    EXPECT_EQ(in.number(), 0u);
    EXPECT_TRUE(in.flag_list().empty());
    EXPECT_STREQ(in.finish().error().what, "Opening parenthesis expected");
}

TEST(Decoder, NothingMayFollowTheLastArgument) {
    Decoder in("abc ");
    EXPECT_EQ(in.astring(), "abc");
    EXPECT_FALSE(in.finish());
}

TEST(Decoder, Strings) {
    Decoder in("ato]m \"a \\\"q\\\\\" {3}\r\n(a\r \"\" {0}\r\n \"\xc3\xa9\"");
    EXPECT_EQ(in.astring(), "ato]m");
    in.space();
    EXPECT_EQ(in.astring(), "a \"q\\");
    in.space();
    EXPECT_EQ(in.astring(), "(a\r");
    in.space();
    EXPECT_EQ(in.astring(), "");
    in.space();
    EXPECT_EQ(in.astring(), "");
    in.space();
    EXPECT_EQ(in.astring(), "\xc3\xa9");
    EXPECT_TRUE(in.finish());
}

TEST(Decoder, NilIsAnAstringButNoNstring) {
    EXPECT_EQ(Decoder("NIL").astring(), "NIL");
    EXPECT_EQ(Decoder("nil").nstring(), std::nullopt);
    EXPECT_EQ(Decoder("\"NIL\"").nstring(), "NIL");
    Decoder in("NILS");
    in.nstring();
    EXPECT_FALSE(in.ok());
}

TEST(Decoder, Tags) {
    EXPECT_EQ(Decoder("a.1]-_ NOOP").tag(), "a.1]-_");
    for (std::string_view text : {"", " a", "+", "+1 NOOP", "(1 NOOP", "\x01", "\xe9", "*"}) {
        Decoder in(text);
        in.tag();
        EXPECT_FALSE(in.ok()) << text;
    }
    std::string tag(tag_bytes_max, 'a');
    EXPECT_EQ(Decoder(tag).tag(), tag);
    tag += 'a';
    EXPECT_EQ(Decoder(tag).tag(), "");
}

TEST(Decoder, Numbers) {
    EXPECT_EQ(Decoder("4294967295").number(), 4294967295u);
    for (std::string_view text : {"", "4294967296", "-1", "x", "99999999999999999999999"}) {
        Decoder in(text);
        in.number();
        EXPECT_FALSE(in.ok()) << text;
    }
    Decoder zero("0");
    zero.nz_number();
    EXPECT_FALSE(zero.ok());
}

TEST(Decoder, Flags) {
    std::vector<std::string> expected{"\\Seen", "$Junk", "\\Answered"};
    EXPECT_EQ(Decoder("(\\Seen $Junk \\Answered)").flag_list(), expected);
    EXPECT_EQ(Decoder("\\Seen $Junk \\Answered").flags_or_list(), expected);
    Decoder empty("()");
    EXPECT_TRUE(empty.flag_list().empty());
    EXPECT_TRUE(empty.finish());
    for (std::string_view text : {"(", "(\\Seen", "(\\Seen )", "(\\)", "(\\*)", "\\Seen", "( )"}) {
        Decoder in(text);
        in.flag_list();
        EXPECT_FALSE(in.ok()) << text;
    }
}

TEST(Decoder, TooManyFlagsAreRefused) {
    std::string text = "(a";
    for (std::size_t i = 1; i < flags_max; ++i) text += " a";
    EXPECT_EQ(Decoder(text + ")").flag_list().size(), flags_max);
    Decoder in(text);
    text += " a)";
    in = Decoder(text);
    in.flag_list();
    EXPECT_FALSE(in.ok());
}

// RFC 3501 §5.1.3
TEST(Decoder, MailboxNamesAreUtf7) {
    EXPECT_EQ(Decoder("Entw&APw-rfe").mailbox(), "Entw\xc3\xbcrfe");
    EXPECT_EQ(Decoder("\"a&-b\"").mailbox(), "a&b");
    for (std::string_view text : {"&", "a&b", "&AAA", "&AGE-", "\"\xc3\xbc\"", "&2AA-"}) {
        Decoder in(text);
        in.mailbox();
        EXPECT_FALSE(in.ok()) << text;
    }
    EXPECT_EQ(Decoder("~/%/*").list_mailbox(), "~/%/*");
    EXPECT_EQ(Decoder("\"\"").list_mailbox(), "");
}

TEST(Decoder, Dates) {
    EXPECT_EQ(Decoder("1-Feb-1994").date(), (message::CivilDate{1994, 2, 1}));
    EXPECT_EQ(Decoder("\"01-feb-1994\"").date(), (message::CivilDate{1994, 2, 1}));
    EXPECT_EQ(Decoder("\"17-Jul-1996 02:44:25 -0700\"").date_time().unix_seconds, 837596665);
    for (std::string_view text : {"31-Feb-1994", "1-Foo-1994", "1-Feb-94", "\"1-Feb-1994", "x"}) {
        Decoder in(text);
        in.date();
        EXPECT_FALSE(in.ok()) << text;
    }
    Decoder bare("17-Jul-1996");
    bare.date_time();
    EXPECT_FALSE(bare.ok());
}

TEST(Decoder, WordsAreWhole) {
    Decoder in("FLAGS.SILENT (");
    EXPECT_FALSE(in.take_word("FLAGS"));
    EXPECT_TRUE(in.take_word("flags.silent"));
    in.space();
    EXPECT_TRUE(in.take('('));
    EXPECT_TRUE(in.finish());
}

TEST(LiteralMark, OnlyAtTheEndOfALine) {
    for (std::string_view line : {"", "}", "{}", "{a}", "{1} ", "{1++}", "{+}", "{-1}", "1}",
                                  "{18446744073709551616}", "{ 1}", "{1+ }"}) {
        EXPECT_FALSE(find_literal_mark(line)) << line;
    }
    auto mark = find_literal_mark("a APPEND x {12+}");
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->size_bytes, 12u);
    EXPECT_EQ(mark->kind, LiteralKind::non_synchronising);
    EXPECT_EQ(mark->mark_bytes, 5u);
    EXPECT_EQ(find_literal_mark("{0}")->kind, LiteralKind::synchronising);
}

}  // namespace
}  // namespace postern::imap
