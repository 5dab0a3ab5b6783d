// ESEARCH responses (RFC 4731), with SEARCHRES (RFC 5182), WITHIN (RFC 5032) and PARTIAL (RFC
// 9394): refused forms first, then what each option says, alone and with the others.
#include "begun.hpp"

namespace postern::imap {
namespace {

class Esearch : public FiveSelected {};

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

}  // namespace
}  // namespace postern::imap
