// SEARCHRES (RFC 5182): "$" after each combination of options, in every command that takes a set.
#include "begun.hpp"

namespace postern::imap {
namespace {

class Searchres : public FiveSelected {};

TEST_F(Searchres, RefusedForms) {
    play(R"(
        C: a FETCH $,1 FLAGS
        S: a BAD Space expected
        C: a FETCH 1,$ FLAGS
        S: a BAD Invalid message set
    )");
}

// RFC 5182 §2.1, §2.4: what "$" is after each combination.
TEST_F(Searchres, SavedResults) {
    play(R"(
        C: a FETCH $ (UID)
        S: a OK FETCH completed
        C: b SEARCH RETURN (SAVE) FLAGGED
        S: b OK SEARCH completed
        C: c FETCH $ (UID)
        S: * 2 FETCH (UID 2)
        S: * 4 FETCH (UID 4)
        S: * 5 FETCH (UID 5)
        S: c OK FETCH completed
        C: d SEARCH RETURN (SAVE MIN) $ NOT 2
        S: * ESEARCH (TAG "d") MIN 4
        S: d OK SEARCH completed
        C: e UID FETCH $ (FLAGS)
        S: * 4 FETCH (UID 4 FLAGS (\Flagged \Recent))
        S: e OK UID FETCH completed
        C: f SEARCH RETURN (SAVE MIN MAX) ALL
        S: * ESEARCH (TAG "f") MIN 1 MAX 5
        S: f OK SEARCH completed
        C: g SEARCH OR UID $ 3
        S: * SEARCH 1 3 5
        S: g OK SEARCH completed
        C: h SEARCH RETURN (SAVE COUNT MIN) ALL
        S: * ESEARCH (TAG "h") MIN 1 COUNT 5
        S: h OK SEARCH completed
        C: i SEARCH RETURN (COUNT) $
        S: * ESEARCH (TAG "i") COUNT 5
        S: i OK SEARCH completed
        C: j SEARCH RETURN (SAVE) CHARSET X-KLINGON $
        S: j NO [BADCHARSET ...
        C: k SEARCH $
        S: * SEARCH
        S: k OK SEARCH completed
    )");
}

// RFC 5182 §2.1: expunged messages leave it; SELECT empties it; every command with a set takes it.
TEST_F(Searchres, SavedResultsAreOfTheMailboxAsItIs) {
    play(R"(
        C: a SEARCH RETURN (SAVE PARTIAL 1:3) ALL
        S: * ESEARCH (TAG "a") PARTIAL (1:3 1:3)
        S: a OK SEARCH completed
        C: b STORE $ +FLAGS.SILENT (\Deleted)
        S: b OK STORE completed
        C: c COPY $ Trash
        S: c OK [COPYUID ... 1:3 1:3] COPY completed
        C: d STORE 3 -FLAGS.SILENT (\Deleted)
        S: d OK STORE completed
        C: e UID EXPUNGE $
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: e OK UID EXPUNGE completed
        C: f SEARCH $
        S: * SEARCH 1
        S: f OK SEARCH completed
        C: g MOVE $ Archive
        S: * OK [COPYUID ... 3 1] Moved
        S: * 1 EXPUNGE
        S: g OK MOVE completed
        C: h FETCH $ (UID)
        S: h OK FETCH completed
        C: i SEARCH RETURN (SAVE) BAD BAD
        S: i BAD Unknown search key
        C: j SEARCH RETURN (SAVE) ALL
        S: j OK SEARCH completed
        C: k SELECT INBOX
        U: k OK ...
        C: l SEARCH $
        S: * SEARCH
        S: l OK SEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
