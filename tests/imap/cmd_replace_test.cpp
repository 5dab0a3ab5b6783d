// REPLACE and UID REPLACE. RFC 8508.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Replace, RefusedForms) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a REPLACE 1 Sent {4+}
        C: a: b
        S: a BAD Command not allowed now
        C: s SELECT INBOX
        U: s OK ...
        C: b REPLACE
        S: b BAD ...
        C: b REPLACE 2 INBOX {4+}
        C: a: b
        S: b BAD No such message number
        C: b REPLACE 0 INBOX {4+}
        C: a: b
        S: b BAD Number must not be zero
        C: b REPLACE 1:2 INBOX {4+}
        C: a: b
        S: b BAD ...
        C: c UID REPLACE 7 INBOX {4}
        S: c NO [NONEXISTENT] ...
        C: c REPLACE 1 Nowhere {4}
        S: c NO [TRYCREATE] ...
        C: d REPLACE 1 INBOX {4+}
        C: a: b {4+}
        C: c: d
        S: d BAD ...
        C: e FETCH 1 UID
        S: * 1 FETCH (UID 1)
        S: e OK ...
        C: f EXAMINE INBOX
        U: f OK ...
        C: g REPLACE 1 INBOX {4}
        S: g NO [READ-ONLY] ...
    )");
}

// RFC 8508 §3.2, §4.3, §4.5: APPENDUID before the EXPUNGE; another session with QRESYNC.
TEST(Replace, TheNewOneComesAndTheOldOneGoes) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        bed.deliver("alice", simple_message("one"));
        bed.deliver("alice", simple_message("two"));
        bed.play(R"(
            L1: alice
            C1: s SELECT INBOX
            U1: s OK ...
            L2: alice
            C2: e ENABLE QRESYNC
            U2: e OK ...
            C2: s SELECT INBOX
            U2: s OK ...
            C1: a REPLACE 1 INBOX (\Draft) {7}
            S1: + Go ahead
            C1: A: next
            S1: * OK [APPENDUID ... 3] Replacement message ready
            S1: * 1 EXPUNGE
            S1: * 2 EXISTS
            S1: * 2 RECENT
            S1: a OK REPLACE completed
            C2: b NOOP
            S2: * VANISHED 1
            S2: * 2 EXISTS
            S2: * 0 RECENT
            S2: b OK ...
            C2: c UID REPLACE 3 Sent CATENATE (TEXT {4+}
            C2: X: y URL ";UID=3")
            S2: * OK [APPENDUID ... 1] Replacement message ready
            S2: * VANISHED 3
            S2: c OK [HIGHESTMODSEQ ...] Replaced
            C1: d NOOP
            S1: * 2 EXPUNGE
            S1: d OK ...
            C1: f SELECT Sent
            U1: f OK ...
            C1: g FETCH 1 RFC822.SIZE
            S1: * 1 FETCH (RFC822.SIZE ...)
            S1: g OK ...
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace postern::imap
