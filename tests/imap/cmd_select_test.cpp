// SELECT and EXAMINE.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Select, AFailedSelectLeavesNothingSelected) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        S: * FLAGS ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (...\*)] ...
        S: * OK [UIDNEXT 1] ...
        S: * OK [UIDVALIDITY ...
        S: a OK [READ-WRITE] SELECT completed
        C: b SELECT Nowhere
        S: b NO [NONEXISTENT] ...
        C: c CHECK
        S: c BAD Command not allowed now
    )");
}

// RFC 3501 §6.3.2: nothing is changed, \Recent neither.
TEST(Select, ExamineChangesNothing) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L1: alice
        C1: a EXAMINE INBOX
        S1: * FLAGS ...
        S1: * 1 EXISTS
        S1: * 1 RECENT
        S1: * OK [UNSEEN 1] ...
        S1: * OK [PERMANENTFLAGS ()] ...
        S1: * OK [UIDNEXT 2] ...
        S1: * OK [UIDVALIDITY ...
        S1: a OK [READ-ONLY] EXAMINE completed
        C1: b STORE 1 +FLAGS (\Seen)
        S1: b NO [READ-ONLY] ...
        C1: c EXPUNGE
        S1: c NO [READ-ONLY] ...
        C1: d FETCH 1 BODY[TEXT]
        S1: * 1 FETCH (BODY[TEXT] {8}
        S1: Hello.
        S1: )
        S1: d OK FETCH completed
        C1: e FETCH 1 FLAGS
        S1: * 1 FETCH (FLAGS (...
        S1: e OK FETCH completed
        C1: f MOVE 1 Sent
        S1: f NO [READ-ONLY] ...
        L2: alice
        C2: a SELECT INBOX
        S2: * FLAGS ...
        S2: * 1 EXISTS
        S2: * 1 RECENT
        S2: * OK [UNSEEN 1] ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: a OK [READ-WRITE] SELECT completed
    )");
}

}  // namespace
}  // namespace postern::imap
