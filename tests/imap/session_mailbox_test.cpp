// Mailboxes that several sessions have open (RFC 2180): what one of them may still do with messages
// that another has expunged, before it can be told, and with a mailbox that is gone or renamed.
#include "begun.hpp"

namespace postern::imap {
namespace {

// Session 2 has expunged messages 2 and 4 of four; session 1 has not been told.
class MultiAccessed : public Begun {
 protected:
    MultiAccessed()
        : Begun(R"(
        D: alice one
        D: alice two
        D: alice three
        D: alice four
        L1: alice
        C1: s SELECT INBOX
        U1: s OK ...
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: x STORE 2,4 +FLAGS.SILENT (\Deleted)
        S2: x OK ...
        C2: y EXPUNGE
        S2: * 2 EXPUNGE
        S2: * 3 EXPUNGE
        S2: y OK ...
    )") {}
};

// RFC 2180 §4.1.2
TEST_F(MultiAccessed, FetchGivesTheOthers) {
    play(R"(
        C1: a FETCH 1:4 (UID)
        S1: * 1 FETCH (UID 1)
        S1: * 3 FETCH (UID 3)
        S1: a NO [EXPUNGEISSUED] Some of the messages are gone
        C1: b NOOP
        S1: * 2 EXPUNGE
        S1: * 3 EXPUNGE
        S1: b OK NOOP completed
        C1: c FETCH 1:2 (UID)
        S1: * 1 FETCH (UID 1)
        S1: * 2 FETCH (UID 3)
        S1: c OK FETCH completed
    )");
}

// RFC 2180 §4.2.1: "SHOULD return a tagged OK"
TEST_F(MultiAccessed, SilentStoreIsSilent) {
    play(R"(
        C1: a STORE 1:4 +FLAGS.SILENT (\Seen)
        S1: a OK STORE completed
        C1: b STORE 2,4 +FLAGS.SILENT (\Seen)
        S1: b OK STORE completed
        C1: c NOOP
        S1: * 2 EXPUNGE
        S1: * 3 EXPUNGE
        S1: c OK NOOP completed
        C1: d FETCH 1:2 (FLAGS)
        S1: * 1 FETCH (FLAGS (\Seen \Recent))
        S1: * 2 FETCH (FLAGS (\Seen \Recent))
        S1: d OK FETCH completed
    )");
}

// RFC 2180 §4.2.2, §4.2.3
TEST_F(MultiAccessed, StoreChangesTheOthers) {
    play(R"(
        C1: a STORE 2,4 +FLAGS (\Seen)
        S1: a NO [EXPUNGEISSUED] Some of the messages are gone
        C1: b STORE 1:2 +FLAGS (\Seen)
        S1: * 1 FETCH (FLAGS (\Seen \Recent))
        S1: b NO [EXPUNGEISSUED] Some of the messages are gone
    )");
}

// RFC 2180 §4.3
TEST_F(MultiAccessed, SearchDoesNotFindThem) {
    play(R"(
        C1: a SEARCH ALL
        S1: * SEARCH 1 3
        S1: a OK SEARCH completed
        C1: b SEARCH SUBJECT two
        S1: * SEARCH
        S1: b OK SEARCH completed
    )");
}

// RFC 2180 §4.4.1: nothing is copied, and the client learns why at once.
TEST_F(MultiAccessed, CopyTakesAllOrNone) {
    play(R"(
        C1: a COPY 1:2 Archive
        S1: * 2 EXPUNGE
        S1: * 3 EXPUNGE
        S1: a NO [EXPUNGEISSUED] Some of the messages are gone
        C1: b STATUS Archive (MESSAGES)
        S1: * STATUS Archive (MESSAGES 0)
        S1: b OK ...
        C1: c COPY 1:2 Archive
        S1: c OK [COPYUID ... 1,3 1:2] COPY completed
    )");
}

TEST_F(MultiAccessed, MoveTooAndByUidTheRest) {
    play(R"(
        C1: a MOVE 3:4 Archive
        S1: * 2 EXPUNGE
        S1: * 3 EXPUNGE
        S1: a NO [EXPUNGEISSUED] Some of the messages are gone
        C1: b UID MOVE 1:4 Archive
        S1: * OK [COPYUID ... 1,3 1:2] Moved
        S1: * 1 EXPUNGE
        S1: * 1 EXPUNGE
        S1: b OK UID MOVE completed
    )");
}

// One session plain and in IDLE, one with QRESYNC, one with NOTIFY in another mailbox; and a
// delivery. Each is told in its own words, at the moment its RFC allows.
TEST(MultiAccessedBy, SessionsOfEveryKind) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        bed.play(R"(
            D: alice one
            D: alice two
            L1: alice
            C1: a SELECT INBOX
            U1: a OK ...
            C1: i IDLE
            S1: + idling
            L2: alice
            C2: a ENABLE QRESYNC
            S2: * ENABLED QRESYNC
            S2: a OK ...
            C2: b SELECT INBOX
            U2: b OK ...
            L3: alice
            C3: a SELECT Sent
            U3: a OK ...
            C3: b NOTIFY SET (inboxes (MessageNew MessageExpunge FlagChange))
            S3: b OK ...
            C2: c STORE 1 +FLAGS (\Deleted)
            S2: * 1 FETCH (UID 1 FLAGS (\Deleted) MODSEQ (<m>))
            S2: c OK ...
            S1: * 1 FETCH (FLAGS (\Deleted \Recent))
            S3: * STATUS INBOX (...)
            C2: d EXPUNGE
            S2: * VANISHED 1
            S2: d OK [HIGHESTMODSEQ ...] Expunged
            S1: * 1 EXPUNGE
            S3: * STATUS INBOX (MESSAGES 1 ...)
            D: alice three
            S1: * 2 EXISTS
            S1: * ... RECENT
            S3: * STATUS INBOX (MESSAGES 2 ...)
            C2: e NOOP
            S2: * 2 EXISTS
            S2: * ... RECENT
            S2: e OK NOOP completed
            C3: c APPEND INBOX {5+}
            C3: A: b
            S3: c OK [APPENDUID ... 4] APPEND completed
            S1: * 3 EXISTS
            S1: * ... RECENT
            C1: DONE
            S1: i OK IDLE completed
            C2: f FETCH 2 (UID)
            S2: * 2 FETCH (UID 3)
            S2: * 3 EXISTS
            S2: * ... RECENT
            S2: f OK FETCH completed
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 2180 §3.4: it is the same mailbox under another name.
TEST(MultiAccessedTree, RenamedUnderASession) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a CREATE Work
        S1: a OK ...
        C1: b APPEND Work {5+}
        C1: A: b
        S1: b OK ...
        C1: c SELECT Work
        U1: c OK ...
        L2: alice
        C2: d RENAME Work Play
        S2: d OK ...
        C1: e FETCH 1 (UID)
        S1: * 1 FETCH (UID 1)
        S1: e OK FETCH completed
        C1: f STORE 1 +FLAGS.SILENT (\Seen)
        S1: f OK STORE completed
        C1: g STATUS Work (MESSAGES)
        S1: g NO [NONEXISTENT] ...
        C2: h STATUS Play (UNSEEN)
        S2: * STATUS Play (UNSEEN 0)
        S2: h OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
