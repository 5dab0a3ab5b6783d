// Command lines, malformed first. RFC 1939 §3.
#include "pop3/command_line.hpp"

#include <gtest/gtest.h>

namespace postern::pop3 {
namespace {

TEST(CommandLine, RefusesControlCharactersAnd8BitKeywords) {
    EXPECT_FALSE(parse_command_line(""));
    EXPECT_FALSE(parse_command_line(" STAT"));
    EXPECT_FALSE(parse_command_line(std::string_view("STAT\0", 5)));
    EXPECT_FALSE(parse_command_line("USER a\rb"));
    EXPECT_FALSE(parse_command_line("ST\xc3\x84T"));
}

TEST(CommandLine, KeepsTheArgumentsAsSent) {
    const auto line = parse_command_line("PASS  two spaces \xc3\xa9 ");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->keyword, "PASS");
    EXPECT_EQ(line->arguments, " two spaces \xc3\xa9 ");
    EXPECT_EQ(parse_command_line("STAT")->arguments, "");
    EXPECT_EQ(parse_command_line("STAT ")->arguments, "");
}

TEST(MessageNumber, IsOneAndMore) {
    for (const char* text : {"", "0", "-1", "1 2", "x", "4294967296", "+1"}) {
        EXPECT_FALSE(parse_message_number(text)) << text;
    }
    EXPECT_EQ(parse_message_number("1"), 1u);
    EXPECT_EQ(parse_message_number(" 4294967295 "), 4294967295u);
}

TEST(TopArguments, AreTwoNumbers) {
    for (const char* text : {"", "1", "1 ", "1 x", "0 1", "1 -1", "1 2 3"}) {
        EXPECT_FALSE(parse_top_arguments(text)) << text;
    }
    const auto top = parse_top_arguments("3 0");
    ASSERT_TRUE(top);
    EXPECT_EQ(top->message_number, 3u);
    EXPECT_EQ(top->lines, 0u);
}

}  // namespace
}  // namespace postern::pop3
