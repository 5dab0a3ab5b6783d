// NOTIFY: its forms, and what sessions hear of mailboxes they have not selected, without asking;
// deliveries and other sessions cause it. The selected mailbox: notifier_test.cpp. RFC 5465, and
// the unsolicited METADATA responses of RFC 5464 §4.4.2.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Notify, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a NOTIFY NONE
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK [CAPABILITY ... NOTIFY ...
        C: a NOTIFY
        S: a BAD Missing argument
        C: a NOTIFY ALL
        S: a BAD SET or NONE expected
        C: a NOTIFY NONE x
        S: a BAD Unexpected extra arguments
        C: a NOTIFY SET
        S: a BAD Missing argument
        C: a NOTIFY SET STATUS
        S: a BAD Missing argument
        C: a NOTIFY SET personal NONE
        S: a BAD Opening parenthesis expected
        C: a NOTIFY SET (personal)
        S: a BAD Space expected
        C: a NOTIFY SET (everything NONE)
        S: a BAD Unknown mailbox filter
        C: a NOTIFY SET (subtree-one INBOX NONE)
        S: a BAD Unknown mailbox filter
        C: b NOOP
        S: b OK ...
        C: a NOTIFY SET (mailboxes NONE)
        S: a BAD Space expected
        C: a NOTIFY SET (mailboxes (INBOX Sent) ())
        S: a BAD Atom expected
        C: a NOTIFY SET (personal (MessageNew))
        S: a BAD MessageNew and MessageExpunge go together
        C: a NOTIFY SET (personal (MessageExpunge))
        S: a BAD MessageNew and MessageExpunge go together
        C: a NOTIFY SET (selected (FlagChange))
        S: a BAD MessageNew and MessageExpunge go together
        C: a NOTIFY SET (selected (AnnotationChange))
        S: a BAD MessageNew and MessageExpunge go together
        C: a NOTIFY SET (selected (MailboxName))
        S: a BAD Only events of messages are for the selected mailbox
        C: b NOOP
        S: b OK ...
        C: a NOTIFY SET (selected NONE) (selected-delayed NONE)
        S: a BAD The selected mailbox twice
        C: a NOTIFY SET (personal (MessageNew (UID) MessageExpunge))
        S: a BAD FETCH items are for the selected mailbox
        C: a NOTIFY SET (selected (MessageNew (FOO) MessageExpunge))
        S: a BAD Unknown FETCH item
        C: a NOTIFY SET (selected (MessageNew (UID MessageExpunge))
        S: a BAD ...
        C: a NOTIFY SET (personal (MailboxName)) x
        S: a BAD Opening parenthesis expected
        C: b NOOP
        S: b OK ...
    )");
}

// RFC 5465 §3.1: "This response SHOULD contain the BADEVENT response code".
TEST(Notify, UnsupportedEvents) {
    Bed bed;
    std::string groups;
    for (int i = 0; i < 65; ++i) groups += " (personal (MailboxName))";
    bed.play(R"(
        L: alice
        C: a NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))
        S: a NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName ...)] Unsupported event
        C: b NOTIFY SET (personal (X-Weather))
        S: b NO [BADEVENT (...)] Unsupported event
        C: c NOTIFY SET)" +
             groups + R"(
        S: c NO [NOTIFICATIONOVERFLOW] ...
    )");
}

// RFC 5465 §3.1, §5.2, §5.3, §6.5: other mailboxes, by STATUS responses; no command is in progress.
TEST(Notify, OtherMailboxesByStatus) {
    const std::string mail = "(MessageNew MessageExpunge)";
    const std::string flags = "(MessageNew MessageExpunge FlagChange)";
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 2;
        Bed bed(options);
        bed.deliver("alice", simple_message("one"));
        bed.play(std::string(R"(
            L1: alice
            C1: a CREATE Lists/Lemonade
            S1: a OK ...
            C1: b NOTIFY SET STATUS (inboxes )") +
                 mail + ") (subtree Lists " + flags + ") (mailboxes Nowhere " + mail + R"()
            S1: * STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY <v>)
            S1: * STATUS Lists (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <w> UNSEEN 0 HIGHESTMODSEQ ...)
            S1: * STATUS Lists/Lemonade (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <x> UNSEEN 0 HIGH...)
            S1: b OK NOTIFY completed
            D: alice two
            S1: * STATUS INBOX (MESSAGES 2 UIDNEXT 3)
            L2: alice
            C2: s SELECT INBOX
            U2: s OK ...
            C2: a COPY 1 Lists/Lemonade
            S2: a OK ...
            S1: * STATUS Lists/Lemonade (MESSAGES 1 UIDNEXT 2)
            C2: b STORE 1 +FLAGS.SILENT (\Deleted)
            S2: b OK ...
            C2: c EXPUNGE
            S2: * 1 EXPUNGE
            S2: c OK ...
            S1: * STATUS INBOX (MESSAGES 1 UIDNEXT 3)
            C2: d SELECT Lists/Lemonade
            U2: d OK ...
            C2: e STORE 1 +FLAGS.SILENT (\Seen)
            S2: e OK ...
            S1: * STATUS Lists/Lemonade (MESSAGES 1 UIDNEXT 2 UIDVALIDITY <x> UNSEEN 0)
            C1: c NOTIFY NONE
            S1: c OK NOTIFY completed
            D: alice three
            C1: d NOOP
            S1: d OK NOOP completed
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 5465 §5.1, §5.2: HIGHESTMODSEQ for those who know mod-sequences.
TEST(Notify, WithCondstore) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a ENABLE CONDSTORE
        U1: a OK ...
        C1: b NOTIFY SET (inboxes (MessageNew MessageExpunge FlagChange))
        S1: b OK ...
        D: alice one
        S1: * STATUS INBOX (MESSAGES 1 UIDNEXT 2 HIGHESTMODSEQ ...)
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: a STORE 1 +FLAGS.SILENT (\Flagged)
        S2: a OK ...
        S1: * STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ... UNSEEN 1 HIGHESTMODSEQ ...)
        C1: c SELECT INBOX
        U1: c OK ...
        C2: b STORE 1 -FLAGS.SILENT (\Flagged)
        S2: b OK ...
        C1: d NOOP
        S1: d OK ...
        C1: e NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))
        S1: * 1 FETCH (UID 1 FLAGS (...) MODSEQ (...))
        S1: e OK ...
    )");
}

// RFC 5465 §5.4, §5.5: the tree and subscriptions; the direct superior of what comes or goes is
// affected as well.
TEST(Notify, MailboxNamesAndSubscriptions) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        bed.play(R"(
            L1: alice
            C1: a NOTIFY SET (personal (MailboxName SubscriptionChange))
            S1: a OK ...
            L2: alice
            C2: a CREATE Work
            S2: a OK ...
            S1: * LIST (\HasNoChildren) "/" Work
            C2: b CREATE Work/2024
            S2: b OK ...
            S1: * LIST (\HasNoChildren) "/" Work/2024
            S1: * LIST (\HasChildren) "/" Work
            C2: c SUBSCRIBE Work
            S2: c OK ...
            S1: * LIST (\Subscribed \HasChildren) "/" Work
            C2: d UNSUBSCRIBE Work
            S2: d OK ...
            S1: * LIST (\HasChildren) "/" Work
            C2: e RENAME Work Play
            S2: e OK ...
            S1: * LIST (\HasChildren) "/" Play ("OLDNAME" (Work))
            C2: f DELETE Play/2024
            S2: f OK ...
            S1: * LIST (\NonExistent \HasNoChildren) "/" Play/2024
            S1: * LIST (\HasNoChildren) "/" Play
            C2: g SUBSCRIBE Elsewhere
            S2: g OK ...
            S1: * LIST (\NonExistent \Subscribed \HasNoChildren) "/" Elsewhere
            C1: b CREATE Own/Child
            S1: b OK ...
            C1: c RENAME Own Mine
            S1: c OK ...
            C1: d SUBSCRIBE Mine
            S1: d OK ...
            C1: e DELETE Mine/Child
            S1: e OK ...
            C1: f NOTIFY SET (subscribed (MailboxName)) (subtree Play (MailboxName))
            S1: f OK ...
            C2: h CREATE Unheard
            S2: h OK ...
            C2: i CREATE Play/New
            S2: i OK ...
            S1: * LIST (\HasNoChildren) "/" Play/New
            S1: * LIST (\HasChildren) "/" Play
            C2: j DELETE Mine
            S2: j OK ...
            S1: * LIST (\NonExistent \Subscribed \HasNoChildren) "/" Mine
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 5465 §6.4: "If the subscription list changes, the server MUST reevaluate the list."
TEST(Notify, SubscribedIsLookedUpEachTime) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a NOTIFY SET (subscribed (MessageNew MessageExpunge))
        S1: a OK ...
        L2: alice
        C2: a UNSUBSCRIBE INBOX
        S2: a OK ...
        D: alice one
        C1: b NOOP
        S1: b OK ...
        C2: b SUBSCRIBE INBOX
        S2: b OK ...
        D: alice two
        S1: * STATUS INBOX (MESSAGES 2 UIDNEXT 3)
    )");
}

// RFC 5465 §5: "SHOULD omit notifying the client if the event is caused by this client".
TEST(Notify, OwnMailIsNotTold) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L1: alice
        C1: a NOTIFY SET (personal (MessageNew MessageExpunge))
        S1: a OK ...
        C1: b APPEND Sent {5+}
        C1: A: b
        S1: b OK ...
        C1: s SELECT INBOX
        U1: s OK ...
        C1: c COPY 1 Sent
        S1: c OK ...
        C1: d MOVE 1 Sent
        S1: * OK [COPYUID ...
        S1: * 1 EXPUNGE
        S1: d OK ...
        L2: alice
        C2: a APPEND Sent {5+}
        C2: A: b
        S2: a OK ...
        S1: * STATUS Sent (MESSAGES 4 UIDNEXT 5)
    )");
}

// RFC 5465 §5.6, §5.7: names of entries alone, of mailboxes and of the server.
TEST(Notify, Metadata) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a NOTIFY SET (mailboxes INBOX (MailboxMetadataChange)) (personal (ServerMetadataChange))
        S1: a OK ...
        L2: alice
        C2: a SETMETADATA INBOX (/private/comment "x" /shared/comment "y")
        S2: a OK ...
        S1: * METADATA INBOX /private/comment /shared/comment
        C2: b SETMETADATA INBOX (/private/comment "x" /shared/comment NIL)
        S2: b OK ...
        S1: * METADATA INBOX /shared/comment
        C2: c SETMETADATA Sent (/private/comment "x")
        S2: c OK ...
        C2: d SETMETADATA "" (/private/comment "x")
        S2: d OK ...
        S1: * METADATA "" /private/comment
        C1: b SETMETADATA INBOX (/private/comment "own")
        S1: b OK ...
        C1: c NOOP
        S1: c OK ...
    )");
}

// RFC 5464 §4.1, §4.4: without NOTIFY, for those who say ENABLE; told when a command ends.
TEST(Notify, MetadataByEnable) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a ENABLE METADATA
        S1: * ENABLED METADATA
        S1: a OK ...
        L3: alice
        C3: a ENABLE METADATA-SERVER
        S3: * ENABLED METADATA-SERVER
        S3: a OK ...
        L2: alice
        C2: a SETMETADATA Sent (/private/comment "x")
        S2: a OK ...
        C2: b SETMETADATA "" (/private/comment "x")
        S2: b OK ...
        C2: c SETMETADATA Sent (/shared/comment "x" /private/comment "y")
        S2: c OK ...
        C1: b NOOP
        S1: * METADATA Sent /private/comment /shared/comment
        S1: * METADATA "" /private/comment
        S1: b OK ...
        C3: b NOOP
        S3: * METADATA "" /private/comment
        S3: b OK ...
        C2: c NOOP
        S2: c OK ...
        C1: c SELECT INBOX
        U1: c OK ...
        D: alice one
        C1: d NOOP
        S1: * 1 EXISTS
        S1: * 1 RECENT
        S1: d OK ...
        C1: e SETMETADATA Sent (/private/comment "own")
        S1: e OK ...
        C1: f IDLE
        S1: + idling
        C2: d SETMETADATA Sent (/private/comment "other")
        S2: d OK ...
        S1: * METADATA Sent /private/comment
        C1: DONE
        S1: f OK ...
    )");
}

// RFC 5465 §5.8: a session that is busy while too much happens is told so, and nothing else.
TEST(Notify, Overflow) {
    Bed bed;
    std::string changes;
    for (unsigned i = 0; i <= notify_events_max; ++i) {
        changes += i % 2 == 0 ? "C2: x UNSUBSCRIBE Sent\n" : "C2: x SUBSCRIBE Sent\n";
    }
    for (unsigned i = 0; i <= notify_events_max; ++i) changes += "S2: x OK ...\n";
    bed.play(R"(
        L1: alice
        C1: a NOTIFY SET (personal (SubscriptionChange MessageNew MessageExpunge))
        S1: a OK ...
        C1: b APPEND Sent {6}
        S1: + ...
        L2: alice
        )" + changes +
             R"(
        B1: A: b<CRLF><CRLF>
        S1: * OK [NOTIFICATIONOVERFLOW] ...
        S1: b OK ...
        D: alice one
        C1: c NOOP
        S1: c OK ...
        C1: d NOTIFY SET (personal (MessageNew MessageExpunge))
        S1: d OK ...
        D: alice two
        S1: * STATUS INBOX (MESSAGES 2 UIDNEXT 3)
    )");
}

// RFC 8437 §4: nothing goes on after UNAUTHENTICATE. A client that goes away leaves nothing behind.
TEST(Notify, Ends) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a NOTIFY SET (personal (MessageNew MessageExpunge))
        S1: a OK ...
        C1: b UNAUTHENTICATE
        S1: b OK ...
        D: alice one
        C1: c LOGIN alice secret
        S1: c OK ...
        D: alice two
        C1: d NOOP
        S1: d OK ...
        C1: e NOTIFY SET (personal (MessageNew MessageExpunge))
        S1: e OK ...
        W: 1790
        D: alice three
        S1: * STATUS INBOX (MESSAGES 3 UIDNEXT 4)
        X1:
        D: alice four
    )");
    bed.world().run_for(seconds(10));
    EXPECT_EQ(bed.counters().sessions, 0u);
}

TEST(Notify, AutologoutIsAsEver) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a NOTIFY SET (personal (MessageNew MessageExpunge))
        S1: a OK ...
        W: 1810
        S1: * BYE Autologout; idle for too long
        E1:
    )");
}

}  // namespace
}  // namespace postern::imap
