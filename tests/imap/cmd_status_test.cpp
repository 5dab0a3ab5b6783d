// STATUS, and SELECT's answers about the same mailbox.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Status, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a STATUS INBOX
        S: a BAD Missing argument
        C: a STATUS INBOX ()
        S: a BAD Keyword expected
        C: a STATUS INBOX (FOO)
        S: a BAD Unknown STATUS item
        C: a STATUS INBOX (MESSAGES
        S: a BAD Closing parenthesis expected
        C: a STATUS INBOX MESSAGES
        S: a BAD Opening parenthesis expected
        C: a STATUS Nowhere (MESSAGES)
        S: a NO [NONEXISTENT] ...
    )");
}

TEST(Status, Counts) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.play(R"(
        L: alice
        C: a STATUS inbox (messages recent uidnext uidvalidity unseen)
        S: * STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY ... UNSEEN 2)
        S: a OK STATUS completed
        C: b STATUS Sent (UNSEEN)
        S: * STATUS Sent (UNSEEN 0)
        S: b OK STATUS completed
    )");
}

}  // namespace
}  // namespace postern::imap
