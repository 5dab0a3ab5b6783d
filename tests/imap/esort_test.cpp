// ESORT (RFC 5267 §3): what is wanted of a sorted answer, and no more.
#include "begun.hpp"

namespace postern::imap {
namespace {

class Esort : public Begun {
 protected:
    Esort()
        : Begun(R"(
            D: alice d
            D: alice a
            D: alice c
            D: alice b
            S: * OK ...
            C: l LOGIN alice secret
            S: l OK [CAPABILITY ... ESORT ...] ...
            C: s SELECT INBOX
            U: s OK ...
        )") {}
};

TEST_F(Esort, RefusedForms) {
    play(R"(
        C: a SORT RETURN (FIRST) (SUBJECT) UTF-8 ALL
        S: a BAD ...
        C: a SORT RETURN (PARTIAL 0:1) (SUBJECT) UTF-8 ALL
        S: a BAD ...
        C: a SORT RETURN (PARTIAL 1:2 ALL) (SUBJECT) UTF-8 ALL
        S: a BAD ...
    )");
}

// RFC 5267 §3.2: MIN and MAX are the first and the last in order.
TEST_F(Esort, Options) {
    play(R"(
        C: a SORT RETURN () (SUBJECT) UTF-8 ALL
        S: * ESEARCH (TAG "a") ALL 2,4,3,1
        S: a OK SORT completed
        C: b SORT RETURN (MIN MAX COUNT) (SUBJECT) UTF-8 ALL
        S: * ESEARCH (TAG "b") MIN 2 MAX 1 COUNT 4
        S: b OK SORT completed
        C: c UID SORT RETURN (PARTIAL 2:3) (REVERSE SUBJECT) UTF-8 ALL
        S: * ESEARCH (TAG "c") UID PARTIAL (2:3 3:4)
        S: c OK UID SORT completed
        C: d SORT RETURN (PARTIAL 5:9 COUNT) (SUBJECT) UTF-8 ALL
        S: * ESEARCH (TAG "d") PARTIAL (5:9 NIL) COUNT 4
        S: d OK SORT completed
    )");
}

}  // namespace
}  // namespace postern::imap
