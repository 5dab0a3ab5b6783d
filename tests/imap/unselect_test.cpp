// UNSELECT (RFC 3691): the mailbox is closed and nothing is expunged.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Unselect, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a UNSELECT
        S: a BAD Command not allowed now
        C: s SELECT INBOX
        U: s OK ...
        C: b UNSELECT INBOX
        S: b BAD Unexpected extra arguments
        C: c UNSELECT
        S: c OK UNSELECT completed
        C: d FETCH 1 FLAGS
        S: d BAD Command not allowed now
    )");
}

// RFC 3691 §2: "except that no messages are permanently removed"
TEST(Unselect, ExpungesNothingAndEndsTheNews) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: b UNSELECT
        S: b OK ...
        D: alice two
        C: c NOOP
        S: c OK NOOP completed
        C: d STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 2)
        S: d OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
