// MOVE (RFC 6851): refused forms, COPYUID, and what the source's other sessions hear.
#include "begun.hpp"

namespace postern::imap {
namespace {

class Move : public Begun {
 protected:
    Move()
        : Begun(R"(
        D: alice one
        D: alice two
        D: alice three
        L: alice
        C: s SELECT INBOX
        U: s OK ...
    )") {}
};

TEST_F(Move, RefusedForms) {
    play(R"(
        C: a MOVE
        S: a BAD Missing argument
        C: a MOVE 1
        S: a BAD Missing argument
        C: a MOVE 1 Sent x
        S: a BAD Unexpected extra arguments
        C: a MOVE 4 Sent
        S: a BAD No such message number
        C: a MOVE 1 Nowhere
        S: a NO [TRYCREATE] No such mailbox
        C: a MOVE 1 ../x
        S: a NO [CANNOT] ...
        C: a UID MOVE 77 Sent
        S: a OK No messages to move
        C: b EXAMINE INBOX
        U: b OK ...
        C: c MOVE 1 Sent
        S: c NO ...
        C: d UNSELECT
        S: d OK ...
        C: e MOVE 1 Sent
        S: e BAD ...
    )");
}

// RFC 6851 §3.1, §4.3: COPYUID before the EXPUNGEs.
TEST_F(Move, EverybodyIsTold) {
    play(R"(
        L2: alice
        C2: i SELECT INBOX
        S2: * FLAGS ...
        S2: * 3 EXISTS
        S2: * 0 RECENT
        S2: * OK [UNSEEN 1] ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK [URLMECH ...
        S2: i OK ...
        C2: j IDLE
        S2: + idling
        C: a UID MOVE 1,3 Archive
        S: * OK [COPYUID ... 1,3 1:2] Moved
        S: * 1 EXPUNGE
        S: * 2 EXPUNGE
        S: a OK UID MOVE completed
        S2: * 1 EXPUNGE
        S2: * 2 EXPUNGE
        C2: DONE
        S2: j OK IDLE completed
        C: b STATUS Archive (MESSAGES)
        S: * STATUS Archive (MESSAGES 2)
        S: b OK STATUS completed
        C: c FETCH 1:* UID
        S: * 1 FETCH (UID 2)
        S: c OK FETCH completed
    )");
}

// RFC 6851 §3.3: flags, keywords and dates go along; the right message is gone.
TEST_F(Move, FlagsAndDatesGoAlong) {
    play(R"(
        C: a APPEND INBOX (\Seen \Deleted todo) "11-Feb-2020 10:00:00 +0000" {5+}
        C: A: b
        S: * 4 EXISTS
        S: * ... RECENT
        S: a OK [APPENDUID <v> 4] APPEND completed
        C: b MOVE 4 Archive
        S: * OK [COPYUID ... 4 1] Moved
        S: * 4 EXPUNGE
        S: b OK MOVE completed
        C: c SELECT Archive
        U: c OK ...
        C: d FETCH 1 (FLAGS INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Deleted \Seen todo...) INTERNALDATE "11-Feb-2020 10:00:00 +0000")
        S: d OK FETCH completed
        C: e MOVE 1 INBOX
        S: * OK [COPYUID <v> 1 5] Moved
        S: * 1 EXPUNGE
        S: e OK MOVE completed
    )");
}

// RFC 6851 §3.2, RFC 3501 §2.3.1.1: into the mailbox where it is already, under a new UID.
TEST_F(Move, IntoTheSelectedMailboxItself) {
    play(R"(
        C: a UID MOVE 1 INBOX
        U: a OK UID MOVE completed
        C: b FETCH 1:* UID
        S: * 1 FETCH (UID 2)
        S: * 2 FETCH (UID 3)
        S: * 3 FETCH (UID 4)
        S: b OK FETCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
