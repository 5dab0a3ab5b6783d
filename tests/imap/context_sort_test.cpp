// CONTEXT=SORT (RFC 5267 §4): a sorted answer that is kept up to date.
#include "begun.hpp"

namespace postern::imap {
namespace {

class ContextSort : public Begun {
 protected:
    ContextSort()
        : Begun(R"(
            D: alice b
            D: alice d
            D: alice f
            L: alice
            C: s SELECT INBOX
            U: s OK ...
        )") {}
};

// RFC 5267 §4.3.3: at its place in the order; sequence numbers of the program stay those messages.
TEST_F(ContextSort, TellsTheChangedOrder) {
    play(R"(
        C: n UID SORT RETURN (UPDATE ALL) (REVERSE SUBJECT) UTF-8 UNDELETED
        S: * ESEARCH (TAG "n") UID ALL 3,2,1
        S: n OK UID SORT completed
        C: m SEARCH RETURN (UPDATE COUNT) 1:*
        S: * ESEARCH (TAG "m") COUNT 3
        S: m OK SEARCH completed
        D: alice c
        D: alice g
        C: a NOOP
        S: * 5 EXISTS
        S: * ... RECENT
        S: * ESEARCH (TAG "n") UID ADDTO (3 4)
        S: * ESEARCH (TAG "n") UID ADDTO (1 5)
        S: a OK NOOP completed
        C: b STORE 2:3 +FLAGS.SILENT (\Deleted)
        S: * ESEARCH (TAG "n") UID REMOVEFROM (0 2:3)
        S: b OK STORE completed
        C: c STORE 3 -FLAGS.SILENT (\Deleted)
        S: * ESEARCH (TAG "n") UID ADDTO (2 3)
        S: c OK STORE completed
        C: d SELECT Sent
        U: d OK ...
        C: n SEARCH RETURN (UPDATE COUNT) ALL
        S: * ESEARCH (TAG "n") COUNT 0
        S: n OK SEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
