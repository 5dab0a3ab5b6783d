// The command table itself. RFC 5321 §4.1.1.
#include "smtp/command_table.hpp"

#include <gtest/gtest.h>

#include "transcripts/dialogue.hpp"

namespace postern::smtp {
namespace {

TEST(CommandTable, RowsAreWholeAndFoundInAnyCase) {
    transcripts::check_command_table(command_table, find_command);
    EXPECT_EQ(find_command("NOPE"), nullptr);
}

}  // namespace
}  // namespace postern::smtp
