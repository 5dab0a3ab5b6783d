// Command lines and parameters, malformed first. RFC 5321 §4.1.1, §4.1.2.
#include "smtp/command_line.hpp"

#include <gtest/gtest.h>

#include <string>

#include "smtp/limits.hpp"

namespace postern::smtp {
namespace {

TEST(CommandLine, RefusesControlCharactersAndBadUtf8) {
    EXPECT_EQ(parse_command_line(std::string_view("NOOP \0", 6)).error().code,
              ErrorCode::forbidden_byte);
    EXPECT_EQ(parse_command_line("MAIL FROM:<a\rb@c>").error().code, ErrorCode::forbidden_byte);
    EXPECT_EQ(parse_command_line("VRFY \x01").error().code, ErrorCode::forbidden_byte);
    EXPECT_EQ(parse_command_line("VRFY \x7f").error().code, ErrorCode::forbidden_byte);
    EXPECT_EQ(parse_command_line("VRFY \xff").error().code, ErrorCode::not_utf8);
    EXPECT_EQ(parse_command_line("N\xc3\xb6OP").error().code, ErrorCode::forbidden_byte);
    EXPECT_EQ(parse_command_line("").error().code, ErrorCode::syntax);
    EXPECT_EQ(parse_command_line(" \t ").error().code, ErrorCode::syntax);
}

TEST(CommandLine, SplitsVerbAndArguments) {
    auto line = parse_command_line("mail FROM:<a@b> SIZE=1  ");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->verb, "mail");
    EXPECT_EQ(line->arguments, "FROM:<a@b> SIZE=1");
    line = parse_command_line("DATA");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->verb, "DATA");
    EXPECT_EQ(line->arguments, "");
}

TEST(CommandLine, TakesKeywordsWithAndWithoutSpace) {
    std::string_view text = "from:<a@b>";
    EXPECT_TRUE(take_keyword(text, "FROM:"));
    EXPECT_EQ(text, "<a@b>");
    text = "FROM: <a@b>";
    EXPECT_TRUE(take_keyword(text, "FROM:"));
    EXPECT_EQ(text, "<a@b>");
    text = "FROM <a@b>";
    EXPECT_FALSE(take_keyword(text, "FROM:"));
}

TEST(Parameters, RefusesWhatTheGrammarDoesNotAllow) {
    for (const char* text : {"x", "=1", " =1", " SIZE=", " SI_ZE=1", " A==b", " A=1 a=2", " -A"}) {
        EXPECT_FALSE(parse_parameters(text)) << text;
    }
    std::string many;
    for (std::size_t i = 0; i <= parameters_max; ++i) many += " K" + std::to_string(i);
    EXPECT_FALSE(parse_parameters(many));
    EXPECT_TRUE(parse_parameters(many.substr(0, many.rfind(' '))));
}

TEST(Parameters, AreKeywordsWithAndWithoutValue) {
    EXPECT_TRUE(parse_parameters("")->empty());
    const auto parameters = parse_parameters(" SMTPUTF8  SIZE=12");
    ASSERT_TRUE(parameters);
    ASSERT_EQ(parameters->size(), 2u);
    EXPECT_EQ((*parameters)[0].keyword, "SMTPUTF8");
    EXPECT_FALSE((*parameters)[0].value);
    EXPECT_EQ((*parameters)[1].keyword, "SIZE");
    EXPECT_EQ((*parameters)[1].value, "12");
}

TEST(HeloName, IsPrintableAndBounded) {
    for (const char* text : {"", "a b", "a(b", "a\\b", "a\"b", "<a>", "\xc3\xa9"}) {
        EXPECT_FALSE(is_helo_name(text)) << text;
    }
    for (const char* text : {"mail.example.test", "[192.0.2.1]", "[IPv6:::1]", "DESKTOP_PC"}) {
        EXPECT_TRUE(is_helo_name(text)) << text;
    }
    EXPECT_TRUE(is_helo_name(std::string(helo_bytes_max, 'a')));
    EXPECT_FALSE(is_helo_name(std::string(helo_bytes_max + 1, 'a')));
}

}  // namespace
}  // namespace postern::smtp
