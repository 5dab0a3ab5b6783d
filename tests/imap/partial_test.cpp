// PARTIAL (RFC 9394) of SEARCH and UID FETCH.
#include "begun.hpp"

namespace postern::imap {
namespace {

class PartialResults : public FiveSelected {};

TEST_F(PartialResults, RefusedForms) {
    play(R"(
        C: a SEARCH RETURN (PARTIAL) ALL
        S: a BAD Space expected
        C: a SEARCH RETURN (PARTIAL 0:1) ALL
        S: a BAD Number must not be zero
        C: a SEARCH RETURN (PARTIAL 1:*) ALL
        S: a BAD Number expected
        C: a SEARCH RETURN (PARTIAL -1:2) ALL
        S: a BAD Invalid argument
        C: a SEARCH RETURN (PARTIAL 1:2 ALL) ALL
        S: a BAD PARTIAL and ALL exclude each other
        C: a FETCH 1 FLAGS (PARTIAL 1:2)
        S: a BAD PARTIAL is for UID FETCH
    )");
}

// RFC 9394 §3.1, §3.3
TEST_F(PartialResults, Partial) {
    play(R"(
        C: a SEARCH RETURN (PARTIAL 1:2) FLAGGED
        S: * ESEARCH (TAG "a") PARTIAL (1:2 2,4)
        S: a OK SEARCH completed
        C: b UID SEARCH RETURN (PARTIAL 3:2) FLAGGED
        S: * ESEARCH (TAG "b") UID PARTIAL (3:2 4:5)
        S: b OK UID SEARCH completed
        C: c SEARCH RETURN (PARTIAL -1:-2) FLAGGED
        S: * ESEARCH (TAG "c") PARTIAL (-1:-2 4:5)
        S: c OK SEARCH completed
        C: d SEARCH RETURN (PARTIAL -3:-9 COUNT) FLAGGED
        S: * ESEARCH (TAG "d") PARTIAL (-3:-9 2) COUNT 3
        S: d OK SEARCH completed
        C: e SEARCH RETURN (PARTIAL 4:9) FLAGGED
        S: * ESEARCH (TAG "e") PARTIAL (4:9 NIL)
        S: e OK SEARCH completed
        C: f SEARCH RETURN (PARTIAL -2:-2 MIN MAX SAVE) ALL
        S: * ESEARCH (TAG "f") MIN 1 MAX 5 PARTIAL (-2:-2 4)
        S: f OK SEARCH completed
        C: g SEARCH $
        S: * SEARCH 1 4 5
        S: g OK SEARCH completed
        C: h UID FETCH 2:* (UID) (PARTIAL -1:-2)
        S: * 4 FETCH (UID 4)
        S: * 5 FETCH (UID 5)
        S: h OK UID FETCH completed
        C: i UID FETCH 1:* (UID) (PARTIAL 2:2)
        S: * 2 FETCH (UID 2)
        S: i OK UID FETCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
