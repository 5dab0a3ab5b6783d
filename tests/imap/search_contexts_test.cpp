// UPDATE and CANCELUPDATE (RFC 5267 §4.3: CONTEXT=SEARCH, CONTEXT=SORT), with a second session and
// deliveries that change what was found: refused forms first.
#include "imap/search_contexts.hpp"

#include "begun.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view three_selected = R"(
    D: alice b
    D: alice d
    D: alice f
    L: alice
    C: s SELECT INBOX
    U: s OK ...
)";

class SearchContextsTest : public Begun {
 protected:
    SearchContextsTest() : Begun(three_selected) {}
};

TEST_F(SearchContextsTest, RefusedForms) {
    play(R"(
        C: a CANCELUPDATE
        S: a BAD Missing argument
        C: a CANCELUPDATE x
        S: a BAD String expected
        B: a CANCELUPDATE "x" <CRLF>
        S: a BAD String expected
        C: a CANCELUPDATE "unknown"
        S: a OK No further updates
        C: b SEARCH RETURN (UPDATE COUNT) FLAGGED
        S: * ESEARCH (TAG "b") COUNT 0
        S: b OK SEARCH completed
        C: b SORT RETURN (UPDATE) (SIZE) UTF-8 ALL
        S: b BAD Tag reuse
        C: b SEARCH FLAGGED
        S: * SEARCH
        S: b OK SEARCH completed
    )");
}

// RFC 5267 §4.3.1: over the limit the answer comes all the same.
TEST_F(SearchContextsTest, TooMany) {
    std::string steps;
    for (std::size_t i = 0; i < search_contexts_max; ++i) {
        std::string tag = "t" + std::to_string(i);
        steps += "C: " + tag + " SEARCH RETURN (UPDATE COUNT) DELETED\nS: * ESEARCH (TAG \"" + tag +
                 "\") COUNT 0\nS: " + tag + " OK ...\n";
    }
    play(steps + R"(
        C: x SEARCH RETURN (UPDATE COUNT) ALL
        S: * ESEARCH (TAG "x") COUNT 3
        S: * NO [NOUPDATE "x"] Too many contexts
        S: x OK SEARCH completed
        C: y CANCELUPDATE "t0" "t1"
        S: y OK No further updates
        C: z UID SEARCH RETURN (UPDATE COUNT) ALL
        S: * ESEARCH (TAG "z") UID COUNT 3
        S: z OK UID SEARCH completed
    )");
}

// Flags changed by this session and by another, a delivery, an expunge.
TEST_F(SearchContextsTest, Search) {
    play(R"(
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C: n SEARCH RETURN (UPDATE) UNFLAGGED
        S: * ESEARCH (TAG "n")
        S: n OK SEARCH completed
        C: u UID SEARCH RETURN (UPDATE COUNT) SUBJECT "d"
        S: * ESEARCH (TAG "u") UID COUNT 1
        S: u OK UID SEARCH completed
        C: a STORE 1 +FLAGS.SILENT (\Flagged)
        S: * ESEARCH (TAG "n") REMOVEFROM (0 1)
        S: a OK STORE completed
        C2: a STORE 1:2 FLAGS.SILENT ()
        U2: a OK ...
        C: b NOOP
        U: * ESEARCH (TAG "n") ADDTO (0 1)
        S: b OK NOOP completed
        D: alice d again
        C: c NOOP
        S: * 4 EXISTS
        S: * ... RECENT
        S: * ESEARCH (TAG "n") ADDTO (0 4)
        S: * ESEARCH (TAG "u") UID ADDTO (0 4)
        S: c OK NOOP completed
        C2: b NOOP
        U2: b OK ...
        C2: b STORE 2,4 +FLAGS.SILENT (\Deleted)
        U2: b OK ...
        C2: c EXPUNGE
        U2: c OK ...
        C: d NOOP
        S: * ESEARCH (TAG "n") REMOVEFROM (0 2,4)
        S: * ESEARCH (TAG "u") UID REMOVEFROM (0 2,4)
        S: * 2 EXPUNGE
        S: * 3 EXPUNGE
        S: d OK NOOP completed
        C: e CANCELUPDATE "n"
        S: e OK No further updates
        C: f STORE 1 +FLAGS.SILENT (\Flagged)
        S: f OK STORE completed
        D: alice d last
        C: g NOOP
        S: * 3 EXISTS
        S: * ... RECENT
        S: * ESEARCH (TAG "u") UID ADDTO (0 5)
        S: g OK NOOP completed
    )");
}

// RFC 5267 §4.3.2: "… or when the client is using the IDLE facility".
TEST_F(SearchContextsTest, Idle) {
    play(R"(
        C: n SEARCH RETURN (UPDATE COUNT) SUBJECT "x"
        S: * ESEARCH (TAG "n") COUNT 0
        S: n OK SEARCH completed
        C: i IDLE
        S: + idling
        D: alice x
        S: * 4 EXISTS
        S: * ... RECENT
        S: * ESEARCH (TAG "n") ADDTO (0 4)
        C: DONE
        S: i OK IDLE completed
    )");
}

}  // namespace
}  // namespace postern::imap
