// QRESYNC: what a client missed while it was away, and VANISHED in place of EXPUNGE.
// RFC 7162 §3.2.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "store/limits.hpp"

namespace postern::imap {
namespace {

void deliver_some(Bed& bed, int count) {
    for (int i = 1; i <= count; ++i) {
        bed.deliver("alice", simple_message("message " + std::to_string(i)));
    }
}

TEST(Qresync, RefusedForms) {
    Bed bed;
    deliver_some(bed, 1);
    bed.play(R"(
        L: alice
        C: a SELECT INBOX (QRESYNC (1 2))
        S: a BAD QRESYNC is not enabled
        C: b ENABLE QRESYNC
        S: * ENABLED QRESYNC
        S: b OK ...
        C: c SELECT INBOX (QRESYNC)
        S: c BAD Space expected
        C: c SELECT INBOX (QRESYNC ())
        S: c BAD Number expected
        C: c SELECT INBOX (QRESYNC (1))
        S: c BAD Space expected
        C: c SELECT INBOX (QRESYNC (0 1))
        S: c BAD Number must not be zero
        C: c SELECT INBOX (QRESYNC (1 0))
        S: c BAD Mod-sequence must not be zero
        C: c SELECT INBOX (QRESYNC (1 5 1:*))
        S: c BAD A known set must not hold *
        C: c SELECT INBOX (QRESYNC (1 5 (1)))
        S: c BAD ...
        C: c SELECT INBOX (QRESYNC (1 5 1:4 (1,2 3)) CONDSTORE
        S: c BAD Closing parenthesis expected
        C: c NOOP
        S: c OK ...
        C: d SELECT INBOX
        U: d OK ...
        C: e FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)
        S: e BAD VANISHED is for UID FETCH
        C: e UID FETCH 1 FLAGS (VANISHED)
        S: e BAD VANISHED needs CHANGEDSINCE
        C: f SELECT INBOX (QRESYNC (1 5) NONSENSE)
        S: f BAD Unknown SELECT parameter
    )");
}

TEST(Qresync, VanishedNeedsEnable) {
    Bed bed;
    deliver_some(bed, 1);
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        U: a OK ...
        C: b UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)
        S: b BAD QRESYNC is not enabled
    )");
}

// RFC 7162 §3.2.7, §3.2.9, §3.2.10: three sessions, one of each kind.
TEST(Qresync, VanishedInPlaceOfExpunge) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        deliver_some(bed, 6);
        bed.play(R"(
            L1: alice
            C1: a ENABLE QRESYNC
            S1: * ENABLED QRESYNC
            S1: a OK ...
            C1: b SELECT INBOX
            U1: b OK ...
            L2: alice
            C2: b SELECT INBOX
            U2: b OK ...
            L3: alice
            C3: a ENABLE QRESYNC
            S3: * ENABLED QRESYNC
            S3: a OK ...
            C3: b SELECT INBOX
            U3: b OK ...
            C3: i IDLE
            S3: + idling
            C1: c STORE 2,3,5 +FLAGS.SILENT (\Deleted)
            S1: * 2 FETCH (UID 2 MODSEQ (<m>))
            S1: * 3 FETCH (UID 3 MODSEQ (<m>))
            S1: * 5 FETCH (UID 5 MODSEQ (<m>))
            S1: c OK ...
            S3: * 2 FETCH (UID 2 FLAGS (\Deleted) MODSEQ (<m>))
            S3: * 3 FETCH (UID 3 FLAGS (\Deleted) MODSEQ (<m>))
            S3: * 5 FETCH (UID 5 FLAGS (\Deleted) MODSEQ (<m>))
            C1: d UID EXPUNGE 5
            S1: * VANISHED 5
            S1: d OK [HIGHESTMODSEQ <n>] Expunged
            C1: e EXPUNGE
            S1: * VANISHED 2:3
            S1: e OK [HIGHESTMODSEQ <o>] Expunged
            C1: f EXPUNGE
            S1: f OK EXPUNGE completed
            S3: * VANISHED 5
            S3: * VANISHED 2:3
            C3: DONE
            S3: i OK ...
            C2: c NOOP
            S2: * 2 EXPUNGE
            S2: * 2 EXPUNGE
            S2: * 3 EXPUNGE
            S2: c OK ...
            C1: g MOVE 1 Sent
            S1: * OK [COPYUID ...
            S1: * VANISHED 1
            S1: g OK [HIGHESTMODSEQ <p>] Moved
            C1: h STORE 1 +FLAGS.SILENT (\Deleted)
            S1: * 1 FETCH (UID 4 MODSEQ (<q>))
            S1: h OK ...
            C1: j CLOSE
            S1: j OK CLOSE completed
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 7162 §3.2: while an expunge is held back the client must not think that it knows it.
TEST(Qresync, HeldExpungesKeepTheModSequenceBack) {
    Bed bed;
    deliver_some(bed, 3);
    bed.play(R"(
        L1: alice
        L2: alice
        C1: a ENABLE QRESYNC
        S1: * ENABLED QRESYNC
        S1: a OK ...
        C1: b SELECT INBOX
        U1: b OK ...
        C2: b SELECT INBOX
        U2: b OK ...
        C2: c STORE 1 FLAGS.SILENT (\Deleted)
        S2: c OK ...
        C1: c NOOP
        S1: * 1 FETCH (UID 1 FLAGS (\Deleted \Recent) MODSEQ (<h>))
        S1: c OK ...
        C2: d EXPUNGE
        S2: * 1 EXPUNGE
        S2: d OK ...
        C2: e STORE 1 FLAGS.SILENT (\Seen)
        S2: e OK ...
        C1: d FETCH 2 MODSEQ
        S1: * 2 FETCH (MODSEQ (<n>))
        S1: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (<n>))
        S1: * OK [HIGHESTMODSEQ <h>] Expunges are held back
        S1: d OK ...
        C1: e UID FETCH 2 MODSEQ
        S1: * 2 FETCH (UID 2 MODSEQ (<n>))
        S1: * VANISHED 1
        S1: e OK ...
        C1: f NOOP
        S1: f OK ...
    )");
}

// RFC 7162 §3.2.5.1, §3.2.6: away meanwhile, and back.
TEST(Qresync, SelectTellsWhatWasMissed) {
    Bed bed;
    deliver_some(bed, 8);
    bed.play(R"(
        L1: alice
        C1: a ENABLE QRESYNC
        S1: * ENABLED QRESYNC
        S1: a OK ...
        C1: b SELECT INBOX
        U1: * OK [UIDVALIDITY <v>] ...
        S1: * OK [HIGHESTMODSEQ <h>] ...
        U1: b OK ...
        C1: c UNSELECT
        S1: c OK ...
        L2: alice
        C2: a SELECT INBOX
        U2: a OK ...
        C2: b STORE 2,4,5,8 FLAGS.SILENT (\Deleted)
        S2: b OK ...
        C2: c EXPUNGE
        U2: c OK ...
        C2: d STORE 1,4 FLAGS.SILENT (\Seen)
        S2: d OK ...
        D: alice nine
        C1: d SELECT INBOX (QRESYNC (<v> <h>))
        U1: * OK [HIGHESTMODSEQ <i>] ...
        S1: * OK [MAILBOXID ...
        S1: * OK [URLMECH ...
        S1: * VANISHED (EARLIER) 2,4:5,8
        S1: * 1 FETCH (UID 1 FLAGS (\Seen) MODSEQ (<m>))
        S1: * 4 FETCH (UID 7 FLAGS (\Seen) MODSEQ (<m>))
        S1: * 5 FETCH (UID 9 FLAGS (\Recent) MODSEQ (<i>))
        S1: d OK [READ-WRITE] SELECT completed
        C1: e SELECT INBOX (QRESYNC (<v> <h> 4:7))
        S1: * OK [CLOSED] ...
        U1: * OK [URLMECH ...
        S1: * VANISHED (EARLIER) 4:5
        S1: * 4 FETCH (UID 7 FLAGS (\Seen) MODSEQ (<m>))
        S1: e OK [READ-WRITE] SELECT completed
        C1: f UID FETCH 1:4 (FLAGS) (CHANGEDSINCE <h> VANISHED)
        S1: * VANISHED (EARLIER) 2,4
        S1: * 1 FETCH (UID 1 MODSEQ (<m>) FLAGS (\Seen))
        S1: f OK ...
        C1: g UID FETCH 1:* (FLAGS) (VANISHED CHANGEDSINCE <i>)
        S1: g OK ...
        C1: h SELECT INBOX (QRESYNC (1 <h>))
        S1: * OK [CLOSED] ...
        U1: * OK [URLMECH ...
        S1: h OK [READ-WRITE] SELECT completed
    )");
}

// RFC 7162 §3.2.10: what the session still shows is told by the plain VANISHED.
TEST(Qresync, AMessageStillShownIsNotEarlier) {
    Bed bed;
    deliver_some(bed, 3);
    bed.play(R"(
        L1: alice
        C1: a ENABLE QRESYNC
        S1: * ENABLED QRESYNC
        S1: a OK ...
        C1: b SELECT INBOX
        U1: * OK [HIGHESTMODSEQ <h>] ...
        U1: b OK ...
        L2: alice
        C2: a SELECT INBOX
        U2: a OK ...
        C2: b STORE 2 FLAGS.SILENT (\Deleted)
        S2: b OK ...
        C2: c EXPUNGE
        U2: c OK ...
        C1: c UID FETCH 1:* (FLAGS) (CHANGEDSINCE <h> VANISHED)
        S1: * VANISHED 2
        S1: c OK ...
    )");
}

// RFC 7162 §3.2.5.2: without memory everything that is not there may have gone, but for what the
// client can show that it knows.
TEST(Qresync, SequenceMatchDataWithoutMemory) {
    Bed bed;
    deliver_some(bed, 9);
    bed.play(R"(
        L1: alice
        C1: a SELECT INBOX
        U1: * OK [UIDVALIDITY <v>] ...
        U1: a OK ...
        C1: b STORE 2,3,7 FLAGS.SILENT (\Deleted)
        S1: b OK ...
        C1: c EXPUNGE
        U1: c OK ...
        C1: d LOGOUT
        S1: * BYE ...
    )");
    bed.restart("accounts/example.test/alice/postern.index");
    bed.play(R"(
        L1: alice
        C1: a ENABLE QRESYNC
        S1: * ENABLED QRESYNC
        S1: a OK ...
        C1: b SELECT INBOX
        U1: * OK [UIDVALIDITY <v>] ...
        U1: b OK ...
        C1: c SELECT INBOX (QRESYNC (<v> 3 1:9))
        U1: * OK [URLMECH ...
        S1: * VANISHED (EARLIER) 2:3,7
        U1: c OK ...
        C1: d SELECT INBOX (QRESYNC (<v> 3 1:9 (1,3,4 1,5,6)))
        U1: * OK [URLMECH ...
        S1: * VANISHED (EARLIER) 7
        U1: d OK ...
        C1: e SELECT INBOX (QRESYNC (<v> 3 (1,3,5 1,7,8)))
        U1: * OK [URLMECH ...
        S1: * VANISHED (EARLIER) 2:3,7
        U1: e OK ...
        C1: f SELECT INBOX (QRESYNC (<v> 3 4:6,8:100))
        U1: * OK [URLMECH ...
        S1: * 2 FETCH (UID 4 ...
        U1: f OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
