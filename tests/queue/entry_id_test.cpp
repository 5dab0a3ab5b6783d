// Ids as text and back; malformed first.
#include "queue/entry_id.hpp"

#include <gtest/gtest.h>

namespace postern::queue {
namespace {

TEST(EntryId, RefusesWhatNoIdLooksLike) {
    for (std::string_view text :
         {"", "0", "00000000000000", "000000000000", "000000000000U", "000000000000-",
          "G000000000000", "ZZZZZZZZZZZZZ", "../0000000000"}) {
        EXPECT_FALSE(parse_entry_id(text)) << text;
    }
}

TEST(EntryId, ComesBack) {
    for (EntryId id : {EntryId{0}, EntryId{1}, EntryId{0x123456789abcdef0}, ~EntryId{0}}) {
        EXPECT_EQ(parse_entry_id(format_entry_id(id)), id);
    }
    EXPECT_EQ(format_entry_id(33), "0000000000011");
    EXPECT_EQ(parse_entry_id("000000000000z"), EntryId{31});
}

}  // namespace
}  // namespace postern::queue
