// ESEARCH responses (RFC 4731), with SEARCHRES (RFC 5182), WITHIN (RFC 5032) and PARTIAL (RFC
// 9394): refused forms first, then what each option says, alone and with the others.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view five_selected = R"(
    D: alice one
    D: alice two
    D: alice three
    D: alice four
    D: alice five
    L: alice
    C: s SELECT INBOX
    U: s OK ...
    C: f STORE 2,4:5 FLAGS.SILENT (\Flagged)
    S: f OK ...
)";

class Esearch : public testing::Test {
 protected:
    void play(std::string_view steps) { bed.play(std::string(five_selected) + std::string(steps)); }
    Bed bed;
};

TEST_F(Esearch, RefusedForms) {
    play(R"(
        C: a SEARCH RETURN
        S: a BAD Missing argument
        B: a SEARCH RETURN () <CRLF>
        S: a BAD Keyword expected
        C: a SEARCH RETURN MIN ALL
        S: a BAD Opening parenthesis expected
        C: a SEARCH RETURN (FOO) ALL
        S: a BAD Unknown return option
        C: a SEARCH RETURN (MIN MIN) ALL
        S: a BAD The same return option twice
        C: a SEARCH RETURN (PARTIAL) ALL
        S: a BAD Missing argument
        C: a SEARCH RETURN (PARTIAL 0:1) ALL
        S: a BAD Number must not be zero
        C: a SEARCH RETURN (PARTIAL 1:*) ALL
        S: a BAD Number expected
        C: a SEARCH RETURN (PARTIAL -1:2) ALL
        S: a BAD Invalid argument
        C: a SEARCH RETURN (PARTIAL 1:2 ALL) ALL
        S: a BAD PARTIAL and ALL exclude each other
        C: a SEARCH OLDER 0
        S: a BAD Number must not be zero
        C: a SEARCH YOUNGER x
        S: a BAD Number expected
        C: a FETCH $,1 FLAGS
        S: a BAD Space expected
        C: a FETCH 1 FLAGS (PARTIAL 1:2)
        S: a BAD PARTIAL is for UID FETCH
    )");
}

// RFC 4731 §3.1
TEST_F(Esearch, MinMaxAllCount) {
    play(R"(
        C: a SEARCH RETURN () FLAGGED
        S: * ESEARCH (TAG "a") ALL 2,4:5
        S: a OK SEARCH completed
        C: b SEARCH RETURN (MIN) FLAGGED
        S: * ESEARCH (TAG "b") MIN 2
        S: b OK SEARCH completed
        C: c SEARCH RETURN (MAX) FLAGGED
        S: * ESEARCH (TAG "c") MAX 5
        S: c OK SEARCH completed
        C: d UID SEARCH RETURN (COUNT MAX MIN ALL) FLAGGED
        S: * ESEARCH (TAG "d") UID MIN 2 MAX 5 ALL 2,4:5 COUNT 3
        S: d OK UID SEARCH completed
        C: e SEARCH RETURN (MIN MAX ALL COUNT) DELETED
        S: * ESEARCH (TAG "e") COUNT 0
        S: e OK SEARCH completed
        C: a"b SEARCH RETURN (COUNT) ALL
        S: a BAD ...
        C: f SEARCH FLAGGED
        S: * SEARCH 2 4 5
        S: f OK SEARCH completed
    )");
}

// RFC 4731 §3.2: the mod-sequence of what is returned.
TEST_F(Esearch, Modseq) {
    play(R"(
        C: x STORE 4 +FLAGS.SILENT (a)
        S: x OK ...
        C: y FETCH 2 (MODSEQ)
        S: * OK [HIGHESTMODSEQ ...
        S: * 2 FETCH (MODSEQ (<t>))
        S: y OK ...
        C: y FETCH 4 (MODSEQ)
        S: * 4 FETCH (MODSEQ (<f>))
        S: y OK ...
        C: a SEARCH RETURN (MIN) MODSEQ 1 FLAGGED
        S: * ESEARCH (TAG "a") MIN 2 MODSEQ <t>
        S: a OK SEARCH completed
        C: b SEARCH RETURN (MIN COUNT) MODSEQ 1 FLAGGED
        S: * ESEARCH (TAG "b") MIN 2 COUNT 3 MODSEQ <f>
        S: b OK SEARCH completed
        C: c SEARCH RETURN (ALL) MODSEQ 9999
        S: * ESEARCH (TAG "c")
        S: c OK SEARCH completed
    )");
}

// RFC 9051 §6.4.4: a client of rev2 gets nothing else.
TEST_F(Esearch, Imap4rev2) {
    play(R"(
        C: u UNSELECT
        S: u OK ...
        C: e ENABLE IMAP4rev2
        S: * ENABLED IMAP4rev2
        S: e OK ...
        C: s SELECT INBOX
        U: s OK ...
        C: a SEARCH FLAGGED
        S: * ESEARCH (TAG "a") ALL 2,4:5
        S: a OK SEARCH completed
        C: b UID SEARCH DELETED
        S: * ESEARCH (TAG "b") UID
        S: b OK UID SEARCH completed
    )");
}

// RFC 5182 §2.1, §2.4: what "$" is after each combination.
TEST_F(Esearch, SavedResults) {
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
TEST_F(Esearch, SavedResultsAreOfTheMailboxAsItIs) {
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

// RFC 9394 §3.1, §3.3
TEST_F(Esearch, Partial) {
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

// RFC 5032 §2: to the second.
TEST_F(Esearch, Within) {
    play(R"(
        C: a SEARCH YOUNGER 60
        S: * SEARCH 1 2 3 4 5
        S: a OK ...
        C: b SEARCH OLDER 60
        S: * SEARCH
        S: b OK ...
        W: 100
        D: alice six
        C: c SEARCH OLDER 60
        S: * SEARCH 1 2 3 4 5
        S: * 6 EXISTS
        U: c OK ...
        C: d SEARCH YOUNGER 60
        S: * SEARCH 6
        S: d OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
