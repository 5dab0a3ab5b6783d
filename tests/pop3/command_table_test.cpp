// The command table itself. RFC 1939 §4, §5 and §7.
#include "pop3/command_table.hpp"

#include <gtest/gtest.h>

namespace postern::pop3 {
namespace {

TEST(CommandTable, FindsCommandsInAnyCase) {
    EXPECT_EQ(find_command("APOP"), nullptr);
    EXPECT_EQ(find_command("RET"), nullptr);
    EXPECT_EQ(find_command(""), nullptr);
    ASSERT_NE(find_command("rEtR"), nullptr);
    EXPECT_EQ(find_command("rEtR")->name, "RETR");
}

TEST(CommandTable, RowsAreWhole) {
    for (const Command& command : command_table) {
        EXPECT_NE(command.handle == nullptr, command.handle_later == nullptr) << command.name;
        EXPECT_TRUE(command.section.starts_with("RFC ")) << command.name;
        EXPECT_EQ(find_command(command.name), &command) << "a name twice";
    }
}

}  // namespace
}  // namespace postern::pop3
