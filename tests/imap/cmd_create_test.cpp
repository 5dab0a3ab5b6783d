// CREATE, DELETE, RENAME, SUBSCRIBE: hostile names first.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Create, HostileNamesAreRefusedInWords) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a CREATE ../etc
        S: a NO [CANNOT] Not possible
        C: a CREATE a/../../b
        S: a NO [CANNOT] Not possible
        C: a CREATE "a//b"
        S: a NO [CANNOT] Not possible
        C: a CREATE "/a"
        S: a NO [CANNOT] Not possible
        C: a CREATE "a*"
        S: a NO [CANNOT] Not possible
        C: a CREATE "a%"
        S: a NO [CANNOT] Not possible
        C: a CREATE ""
        S: a NO [CANNOT] Not possible
        C: a CREATE &
        S: a BAD Mailbox name is not valid modified UTF-7
        C: a CREATE &AGE-
        S: a BAD Mailbox name is not valid modified UTF-7
        C: a CREATE {3}
        S: + Go ahead
        B: a<NUL>b<CRLF>
        S: a BAD NUL in a literal
        C: a DELETE ../../alice
        S: a NO [CANNOT] ...
        C: a SELECT ..
        S: a NO [CANNOT] ...
        C: a RENAME Sent ../x
        S: a NO [CANNOT] ...
        C: a SUBSCRIBE ..
        S: a NO [CANNOT] ...
        C: a STATUS a/../b (MESSAGES)
        S: a NO [CANNOT] ...
        C: a NOOP
        S: a OK NOOP completed
    )");
}

TEST(Create, LongAndDeepNames) {
    Bed bed;
    std::string deep = "a";
    for (int i = 0; i < 20; ++i) deep += "/a";
    bed.play("L: alice\nC: a CREATE " + std::string(600, 'x') +
             "\nS: a NO [LIMIT] ...\nC: b CREATE " + deep + "\nS: b NO [LIMIT] ...");
}

TEST(Create, CreateDeleteRename) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a CREATE INBOX
        S: a NO [ALREADYEXISTS] ...
        C: a CREATE Work/
        S: a OK ... CREATE completed
        C: a CREATE Work
        S: a NO [ALREADYEXISTS] Mailbox exists already
        C: a RENAME Work Play/Later
        S: a OK RENAME completed
        C: a RENAME Nowhere There
        S: a NO [NONEXISTENT] ...
        C: a RENAME Play/Later Sent
        S: a NO [ALREADYEXISTS] ...
        C: a DELETE Nowhere
        S: a NO [NONEXISTENT] No such mailbox or message
        C: a DELETE INBOX
        S: a NO [CANNOT] Not possible
        C: a DELETE Play/Later
        S: a OK DELETE completed
        C: a CREATE b/
        S: a OK ... CREATE completed
        C: a DELETE b/
        S: a OK DELETE completed
        C: a LIST "" P*
        S: * LIST (\HasNoChildren) "/" Play
        S: a OK LIST completed
    )");
}

// RFC 2180 §3: who has it selected.
TEST(Create, DeletingASelectedMailbox) {
    Bed bed;
    bed.play(R"(
        L1: alice
        L2: alice
        C1: a CREATE Work
        S1: a OK ... CREATE completed
        C1: b SELECT Work
        S1: * FLAGS ...
        S1: * 0 EXISTS
        S1: * 0 RECENT
        S1: * OK ...
        S1: * OK ...
        S1: * OK ...
        S1: * OK ...
        S1: * OK ...
        S1: * OK [URLMECH ...
        S1: b OK ...
        C2: b EXAMINE Work
        S2: * FLAGS ...
        S2: * 0 EXISTS
        S2: * 0 RECENT
        S2: * OK [PERMANENTFLAGS ()] ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK [URLMECH ...
        S2: b OK [READ-ONLY] EXAMINE completed
        C1: c DELETE Work
        S1: c OK DELETE completed
        C1: d FETCH 1 (UID)
        S1: d BAD Command not allowed now
        C2: c NOOP
        S2: * BYE The selected mailbox was deleted
        S2: c OK NOOP completed
        E2:
    )");
}

}  // namespace
}  // namespace postern::imap
