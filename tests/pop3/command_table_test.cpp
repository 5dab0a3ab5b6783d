// The command table itself. RFC 1939 §4, §5 and §7.
#include "pop3/command_table.hpp"

#include <gtest/gtest.h>

#include "transcripts/dialogue.hpp"

namespace postern::pop3 {
namespace {

TEST(CommandTable, RowsAreWholeAndFoundInAnyCase) {
    transcripts::check_command_table(command_table, find_command);
    EXPECT_EQ(find_command("APOP"), nullptr);
}

}  // namespace
}  // namespace postern::pop3
