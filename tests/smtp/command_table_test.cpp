// The command table itself. RFC 5321 §4.1.1.
#include "smtp/command_table.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(CommandTable, FindsCommandsInAnyCase) {
    EXPECT_EQ(find_command("NOPE"), nullptr);
    EXPECT_EQ(find_command("MAI"), nullptr);
    EXPECT_EQ(find_command(""), nullptr);
    ASSERT_NE(find_command("rCpT"), nullptr);
    EXPECT_EQ(find_command("rCpT")->name, "RCPT");
}

TEST(CommandTable, RowsAreWhole) {
    for (const Command& command : command_table) {
        EXPECT_NE(command.handle == nullptr, command.handle_later == nullptr) << command.name;
        EXPECT_TRUE(command.section.starts_with("RFC ")) << command.name;
        EXPECT_EQ(find_command(command.name), &command) << "a name twice";
    }
}

}  // namespace
}  // namespace postern::smtp
