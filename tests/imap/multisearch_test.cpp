// MULTISEARCH (RFC 7377): the ESEARCH command, over several mailboxes. Refused forms first.
#include "begun.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view mailboxes = R"(
    D: alice one
    D: alice two
    L: alice
    C: x CREATE Work/a/deep
    S: x OK ...
    C: x CREATE Work/b
    S: x OK ...
    C: s SELECT INBOX
    U: s OK ...
    C: x COPY 1:2 Work/a/deep
    S: x OK ...
    C: x COPY 2 Work/b
    S: x OK ...
    C: x COPY 2 Work
    S: x OK ...
    C: x SUBSCRIBE Work/b
    S: x OK ...
)";

class MultiSearch : public Begun {
 protected:
    MultiSearch() : Begun(mailboxes) {}
};

TEST_F(MultiSearch, RefusedForms) {
    play(R"(
        C: a ESEARCH
        S: a BAD Missing argument
        C: a ESEARCH IN ALL
        S: a BAD Opening parenthesis expected
        C: a ESEARCH IN (selected-delayed) ALL
        S: a BAD Unknown mailbox filter
        C: a ESEARCH IN (subtree) ALL
        S: a BAD Space expected
        C: a ESEARCH IN (mailboxes ()) ALL
        S: a BAD Invalid argument
        C: a ESEARCH IN (personal
        S: a BAD Closing parenthesis expected
        C: a ESEARCH IN (personal) RETURN (SAVE) ALL
        S: a BAD SAVE is for the selected mailbox
        C: a ESEARCH IN (personal) CHARSET X-KLINGON ALL
        S: a NO [BADCHARSET ...
        C: a UNSELECT
        S: a OK ...
        C: a ESEARCH ALL
        S: a BAD No mailbox is selected
        C: a ESEARCH IN (personal) RETURN (UPDATE) ALL
        S: a BAD No mailbox is selected
    )");
}

TEST_F(MultiSearch, EverySource) {
    play(R"(
        C: a ESEARCH SUBJECT two
        S: * ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY <i>) UID ALL 2
        S: a OK ESEARCH completed
        C: b ESEARCH IN (subtree Work) SUBJECT o
        S: * ESEARCH (TAG "b" MAILBOX Work UIDVALIDITY <w>) UID ALL 1
        S: * ESEARCH (TAG "b" MAILBOX Work/a/deep UIDVALIDITY <d>) UID ALL 1:2
        S: * ESEARCH (TAG "b" MAILBOX Work/b UIDVALIDITY <b>) UID ALL 1
        S: b OK ESEARCH completed
        C: c ESEARCH IN (subtree-one Work) RETURN (MIN COUNT) ALL
        S: * ESEARCH (TAG "c" MAILBOX Work UIDVALIDITY <w>) UID MIN 1 COUNT 1
        S: * ESEARCH (TAG "c" MAILBOX Work/b UIDVALIDITY <b>) UID MIN 1 COUNT 1
        S: c OK ESEARCH completed
        C: d ESEARCH IN (mailboxes (Work/b nowhere INBOX Work/b) inboxes) SUBJECT one
        S: * ESEARCH (TAG "d" MAILBOX INBOX UIDVALIDITY <i>) UID ALL 1
        S: d OK ESEARCH completed
        C: e ESEARCH IN (subscribed selected) RETURN (COUNT) SUBJECT two
        S: * ESEARCH (TAG "e" MAILBOX INBOX UIDVALIDITY <i>) UID COUNT 1
        S: * ESEARCH (TAG "e" MAILBOX Work/b UIDVALIDITY <b>) UID COUNT 1
        S: e OK ESEARCH completed
        C: f ESEARCH IN (personal) RETURN (PARTIAL -1:-1) SUBJECT one
        S: * ESEARCH (TAG "f" MAILBOX INBOX UIDVALIDITY <i>) UID PARTIAL (-1:-1 1)
        S: * ESEARCH (TAG "f" MAILBOX Work/a/deep UIDVALIDITY <d>) UID PARTIAL (-1:-1 1)
        S: f OK ESEARCH completed
        C: g ESEARCH IN (personal) SUBJECT nothing
        S: g OK ESEARCH completed
    )");
}

// RFC 7377 §2.1: the selected mailbox stays selected; SAVE and UPDATE work in it.
TEST_F(MultiSearch, LeavesTheSelectedMailboxAlone) {
    play(R"(
        C: a ESEARCH RETURN (SAVE UPDATE COUNT) SUBJECT two
        S: * ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY <i>) UID COUNT 1
        S: a OK ESEARCH completed
        C: b ESEARCH IN (mailboxes Work/a/deep) 1
        S: * ESEARCH (TAG "b" MAILBOX Work/a/deep UIDVALIDITY <d>) UID ALL 1
        S: b OK ESEARCH completed
        C: c FETCH $ (UID)
        S: * 2 FETCH (UID 2)
        S: c OK FETCH completed
        D: alice two too
        C: d NOOP
        S: * 3 EXISTS
        S: * ... RECENT
        S: * ESEARCH (TAG "a") UID ADDTO (0 3)
        S: d OK NOOP completed
        C: e UNSELECT
        S: e OK ...
        C: f ESEARCH IN (inboxes) RETURN (COUNT) ALL
        S: * ESEARCH (TAG "f" MAILBOX INBOX UIDVALIDITY <i>) UID COUNT 3
        S: f OK ESEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
