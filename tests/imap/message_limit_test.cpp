// MESSAGELIMIT (RFC 9738): each command on more messages than the limit, which is three here, and
// UIDAFTER and UIDBEFORE.
#include "begun.hpp"

namespace postern::imap {
namespace {

BedOptions limited() {
    BedOptions options;
    options.server.command_messages_max = 3;
    return options;
}

class MessageLimit : public FiveSelected {
 protected:
    MessageLimit() : FiveSelected(limited()) {}
};

TEST_F(MessageLimit, RefusedForms) {
    play(R"(
        C: a SEARCH UIDAFTER
        S: a BAD Missing argument
        C: a SEARCH UIDBEFORE 0
        S: a BAD Number must not be zero
        C: a SEARCH UIDAFTER 1:2
        S: a BAD ...
    )");
}

TEST_F(MessageLimit, IsAnnounced) {
    play(R"(
        C: a CAPABILITY
        S: * CAPABILITY ... MESSAGELIMIT=3
        S: a OK ...
    )");
}

// RFC 9738 §3: what is done is done on the highest UIDs.
TEST_F(MessageLimit, FetchStoreAndMoveGoAsFarAsTheyMay) {
    play(R"(
        C: a FETCH 1:* (UID)
        S: * 3 FETCH (UID 3)
        S: * 4 FETCH (UID 4)
        S: * 5 FETCH (UID 5)
        S: a OK [MESSAGELIMIT 3 3] FETCH completed
        C: b UID FETCH 1:2 (UID)
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: b OK UID FETCH completed
        C: c UID STORE 1:5 +FLAGS.SILENT (\Seen)
        S: c OK [MESSAGELIMIT 3 3] UID STORE completed
        C: d SEARCH UNSEEN UID 1:3
        S: * SEARCH 1 2
        S: d OK SEARCH completed
        C: e COPY 1:* Archive
        S: e NO [MESSAGELIMIT 3] ...
        C: f MOVE 1:* Archive
        S: * OK [COPYUID <v> 3:5 1:3] Moved
        S: * 3 EXPUNGE
        S: * 3 EXPUNGE
        S: * 3 EXPUNGE
        S: f OK [MESSAGELIMIT 3 3] MOVE completed
    )");
}

// RFC 9738 §3.1: the code of the answer is taken already.
TEST_F(MessageLimit, IsSaidBesideAnotherCode) {
    play(R"(
        C: b STORE 1:5 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\Seen)
        U: * NO [MESSAGELIMIT 3 3] Messages were left out
        S: b OK [MODIFIED 3:5] ...
    )");
}

TEST_F(MessageLimit, ExpungeByUidCountsTheDeleted) {
    play(R"(
        C: a UID STORE 1:3 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: b UID EXPUNGE 1:5
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: b OK UID EXPUNGE completed
    )");
}

TEST_F(MessageLimit, SearchesTheNewest) {
    play(R"(
        C: a SEARCH ALL
        S: * SEARCH 3 4 5
        S: a OK [MESSAGELIMIT 3 3] SEARCH completed
        C: b SEARCH FLAGGED UIDBEFORE 3
        S: * SEARCH 2
        S: b OK SEARCH completed
        C: c UID SEARCH UIDAFTER 2 UNDELETED
        S: * SEARCH 3 4 5
        S: c OK UID SEARCH completed
        C: d SEARCH RETURN (MAX COUNT) UIDBEFORE 5
        S: * ESEARCH (TAG "d") MAX 4 COUNT 3
        S: d OK [MESSAGELIMIT 3 2] SEARCH completed
        C: e SORT (SIZE) UTF-8 ALL
        S: e NO [MESSAGELIMIT 3] ...
        C: f THREAD REFERENCES UTF-8 ALL
        S: f NO [MESSAGELIMIT 3] ...
        C: g SORT (ARRIVAL) UTF-8 UIDAFTER 4
        S: * SORT 5
        S: g OK SORT completed
        C: h SEARCH UIDBEFORE 1
        S: * SEARCH
        S: h OK SEARCH completed
        C: i SEARCH UIDAFTER 4294967295
        S: * SEARCH
        S: i OK SEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
