// NOTIFY and the selected mailbox: at once, delayed, or not at all; with CONTEXT=SEARCH and other
// extensions. RFC 5465 §5, §6.1, §7.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 5465 §5.2, §5.3, §6.1.1: EXISTS with what was asked for, EXPUNGE at once, FETCH with the UID;
// nothing of it marks a message as read.
TEST(Notifier, SelectedAtOnce) {
    const std::string selected =
        "(MessageNew (FLAGS BODY[HEADER.FIELDS (Subject)]) MessageExpunge FlagChange)";
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        bed.deliver("alice", simple_message("one"));
        bed.play(R"(
            L1: alice
            C1: s SELECT INBOX
            U1: s OK ...
            C1: a NOTIFY SET (selected )" +
                 selected + R"() (personal (MessageNew MessageExpunge))
            S1: a OK ...
            D: alice two
            S1: * 2 EXISTS
            S1: * 2 RECENT
            S1: * 2 FETCH (UID 2 FLAGS (\Recent) BODY[HEADER.FIELDS (Subject)] {16}
            S1: Subject: two
            S1:
            S1: )
            L2: alice
            C2: s SELECT INBOX
            U2: s OK ...
            C2: a STORE 1:2 +FLAGS.SILENT (\Deleted)
            S2: a OK ...
            S1: * 1 FETCH (UID 1 FLAGS (\Deleted...))
            S1: * 2 FETCH (UID 2 FLAGS (\Deleted...))
            C2: b UID EXPUNGE 1
            S2: * 1 EXPUNGE
            S2: b OK ...
            S1: * 1 EXPUNGE
            C1: b UID FETCH 1:* (FLAGS)
            S1: * 1 FETCH (UID 2 FLAGS (\Deleted...))
            S1: b OK ...
            C1: c APPEND INBOX {5+}
            C1: A: b
            S1: * 2 EXISTS
            S1: * ... RECENT
            S1: c OK [APPENDUID ...
            D: alice four
            S1: * 3 EXISTS
            S1: * ... RECENT
            S1: * 3 FETCH (UID 4 FLAGS (\Recent) BODY[HEADER.FIELDS (Subject)] {17}
            S1: Subject: four
            S1:
            S1: )
            C1: d UNSELECT
            S1: d OK ...
            D: alice five
            S1: * STATUS INBOX (MESSAGES 4 UIDNEXT 6)
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 5465 §6.1.2: EXPUNGE waits for a command that may bring it, or for IDLE.
TEST(Notifier, SelectedDelayed) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.play(R"(
        L1: alice
        C1: s SELECT INBOX
        U1: s OK ...
        C1: a NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))
        S1: a OK ...
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: a STORE 1 +FLAGS.SILENT (\Deleted)
        S2: a OK ...
        S1: * 1 FETCH (UID 1 FLAGS (\Deleted...))
        C2: b EXPUNGE
        S2: * 1 EXPUNGE
        S2: b OK ...
        D: alice three
        S1: * 3 EXISTS
        S1: * ... RECENT
        C1: b FETCH 2 (UID)
        S1: * 2 FETCH (UID 2)
        S1: b OK ...
        C1: c NOOP
        S1: * 1 EXPUNGE
        S1: c OK ...
        C1: d IDLE
        S1: + idling
        C2: c UID STORE 2 +FLAGS.SILENT (\Deleted)
        S2: * 2 EXISTS
        S2: * ... RECENT
        S2: c OK ...
        S1: * 1 FETCH (UID 2 FLAGS (\Deleted...))
        C2: d EXPUNGE
        S2: * 1 EXPUNGE
        S2: d OK ...
        S1: * 1 EXPUNGE
        C1: DONE
        S1: d OK ...
    )");
}

// RFC 5465 §3.1: without SELECTED nothing is told of the selected mailbox, even after a command;
// what the session removes itself it must hear of. §3.1 again: SET is a NOOP.
TEST(Notifier, NothingOfTheSelectedMailbox) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.play(R"(
        L1: alice
        C1: s SELECT INBOX
        U1: s OK ...
        D: alice three
        C1: a NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))
        S1: * 3 EXISTS
        S1: * 3 RECENT
        S1: a OK ...
        D: alice four
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: a STORE 1:2 +FLAGS.SILENT (\Deleted)
        S2: a OK ...
        C1: b NOOP
        S1: b OK ...
        C1: c IDLE
        S1: + idling
        C1: DONE
        S1: c OK ...
        C1: d UID EXPUNGE 1
        S1: * 1 EXPUNGE
        S1: * 3 EXISTS
        S1: * ... RECENT
        S1: * 1 FETCH (UID 2 FLAGS (\Deleted...))
        S1: d OK ...
        C1: e NOTIFY NONE
        S1: e OK ...
        D: alice five
        C1: f NOOP
        S1: f OK ...
        C1: g NOTIFY SET (selected (MessageNew MessageExpunge))
        S1: * 4 EXISTS
        S1: * ... RECENT
        S1: g OK ...
    )");
}

// RFC 7162 §3.2, RFC 9051: VANISHED for those who know it, no RECENT for rev2, UIDs for UIDONLY.
TEST(Notifier, InTheWordsOfOtherExtensions) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L1: alice
        C1: a ENABLE QRESYNC IMAP4rev2 UIDONLY
        U1: a OK ...
        C1: b NOTIFY SET (selected (MessageNew (PREVIEW) MessageExpunge)) (personal (MailboxName))
        S1: b OK ...
        C1: s SELECT INBOX
        U1: s OK ...
        D: alice two
        S1: * 2 EXISTS
        S1: * 2 UIDFETCH (PREVIEW "Hello.")
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: a MOVE 1 Archive
        U2: a OK ...
        S1: * VANISHED 1
        C2: b CREATE "Entw&APw-rfe"
        S2: b OK ...
        S1: * LIST (\HasNoChildren) "/" "Entwürfe"
    )");
}

// RFC 5465 §7: UPDATE with FETCH items, and NOTIFY's own behind the ADDTO (§5.2).
TEST(Notifier, SearchUpdateWithItems) {
    Bed bed;
    bed.deliver("alice", simple_message("boss one"));
    bed.play(R"(
        L1: alice
        C1: s SELECT INBOX
        U1: s OK ...
        C1: a SEARCH RETURN (COUNT UPDATE(FOO)) ALL
        S1: a BAD Unknown FETCH item
        C1: a SEARCH RETURN (UPDATE (UID) ALL ALL) ALL
        S1: a BAD The same return option twice
        C1: a SEARCH RETURN (COUNT UPDATE (UID RFC822.SIZE)) SUBJECT boss
        S1: * ESEARCH (TAG "a") COUNT 1
        S1: a OK ...
        C1: i IDLE
        S1: + idling
        D: alice boss two
        S1: * 2 EXISTS
        S1: * ... RECENT
        S1: * 2 FETCH (UID 2 RFC822.SIZE ...)
        S1: * ESEARCH (TAG "a") ADDTO (0 2)
        D: alice other
        S1: * 3 EXISTS
        S1: * ... RECENT
        C1: DONE
        S1: i OK ...
        C1: b SEARCH RETURN (COUNT UPDATE(RFC822.SIZE)) FLAGGED
        S1: * ESEARCH (TAG "b") COUNT 0
        S1: b OK ...
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: a STORE 3 +FLAGS.SILENT (\Flagged)
        S2: a OK ...
        C1: c NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge FlagChange))
        S1: * 3 FETCH (FLAGS (\Flagged...))
        S1: * ESEARCH (TAG "b") ADDTO (0 3)
        S1: c OK ...
        D: alice boss three
        S1: * 4 EXISTS
        S1: * ... RECENT
        S1: * 4 FETCH (UID 4 RFC822.SIZE ...)
        S1: * ESEARCH (TAG "a") ADDTO (0 4)
        S1: * 4 FETCH (UID 4 FLAGS (\Recent))
    )");
}

}  // namespace
}  // namespace postern::imap
