// UIDPLUS (RFC 4315): UID EXPUNGE, APPENDUID and COPYUID. A client that knows them can find again
// what it has put somewhere.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Uidplus, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: s EXAMINE INBOX
        U: s OK ...
        C: a UID EXPUNGE
        S: a BAD Missing argument
        C: a UID EXPUNGE 0
        S: a BAD ...
        C: a UID EXPUNGE 1 2
        S: a BAD Unexpected extra arguments
        C: a UID EXPUNGE 1
        S: a NO ...
    )");
}

// RFC 4315 §3: UIDVALIDITY and UIDs are those that the mailbox itself says.
TEST(Uidplus, UidsOfWhatWasAdded) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... UIDPLUS ...] ...
        C: a APPEND Archive {5+}
        C: A: b
        S: a OK [APPENDUID <v> 1] APPEND completed
        C: b STATUS Archive (UIDVALIDITY UIDNEXT)
        S: * STATUS Archive (UIDVALIDITY <v> UIDNEXT 2)
        S: b OK ...
        C: c APPEND INBOX {5+}
        C: A: b
        S: c OK [APPENDUID <i> 1] ...
        C: d SELECT INBOX
        U: d OK ...
        C: e COPY 1 Archive
        S: e OK [COPYUID <v> 1 2] COPY completed
        C: f UID COPY 1 INBOX
        S: * 2 EXISTS
        S: * ... RECENT
        S: f OK [COPYUID <i> 1 2] UID COPY completed
    )");
}

// RFC 4315 §2.1: both \Deleted and in the set, however messages are numbered.
TEST(Uidplus, UidExpungeTakesOnlyWhatItNames) {
    Bed bed;
    for (int i = 0; i < 4; ++i) bed.deliver("alice", simple_message("number"));
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a STORE 1:3 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: b UID EXPUNGE 2,4,9
        S: * 2 EXPUNGE
        S: b OK UID EXPUNGE completed
        C: c FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Deleted ...
        S: * 2 FETCH (UID 3 FLAGS (\Deleted ...
        S: * 3 FETCH (UID 4 FLAGS (...
        S: c OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
