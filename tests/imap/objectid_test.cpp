// OBJECTID: ids of mailboxes and messages that outlive renames, copies and restarts. RFC 8474.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(ObjectId, MailboxIdIsStable) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a CREATE foo
        S: a OK [MAILBOXID (<f>)] CREATE completed
        C: b CREATE bar
        S: b OK [MAILBOXID (<b>)] CREATE completed
        C: c STATUS foo (MAILBOXID)
        S: * STATUS foo (MAILBOXID (<f>))
        S: c OK ...
        C: d RENAME foo renamed
        S: d OK ...
        C: e STATUS renamed (MAILBOXID)
        S: * STATUS renamed (MAILBOXID (<f>))
        S: e OK ...
        C: f EXAMINE bar
        U: * OK [MAILBOXID (<b>)] ...
        U: f OK ...
    )");
    bed.play(R"(
        L: alice
        C: a STATUS renamed (MAILBOXID)
        S: * STATUS renamed (MAILBOXID (<f>))
        S: a OK ...
        C: b CREATE foo
        S: b OK [MAILBOXID (<n>)] ...
        C: c LOGOUT
        S: * BYE ...
    )");
}

TEST(ObjectId, EmailIdFollowsTheMessage) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        U: a OK ...
        C: b FETCH 1:2 (EMAILID THREADID)
        S: * 1 FETCH (EMAILID (<e>) THREADID NIL)
        S: * 2 FETCH (EMAILID (<f>) THREADID NIL)
        S: b OK ...
        C: c COPY 1 Sent
        S: c OK ...
        C: d MOVE 2 Sent
        U: d OK ...
        C: e SELECT Sent
        U: e OK ...
        C: f FETCH 1:2 (EMAILID)
        S: * 1 FETCH (EMAILID (<e>))
        S: * 2 FETCH (EMAILID (<f>))
        S: f OK ...
        C: g SEARCH EMAILID <f>
        S: * SEARCH 2
        S: g OK ...
        C: h SEARCH OR EMAILID <e> EMAILID Enothing
        S: * SEARCH 1
        S: h OK ...
        C: i SEARCH THREADID T1
        S: * SEARCH
        S: i OK ...
        C: j SEARCH EMAILID
        S: j BAD ...
        C: k SEARCH EMAILID (
        S: k BAD ...
    )");
}

TEST(ObjectId, EmailIdSurvivesTheLossOfTheIndex) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a EXAMINE INBOX
        U: a OK ...
        C: b FETCH 1 EMAILID
        S: * 1 FETCH (EMAILID (<e>))
        S: b OK ...
        C: c COPY 1 Sent
        S: c OK ...
    )");
    bed.restart("accounts/example.test/alice/postern.index");
    bed.play(R"(
        L: alice
        C: a EXAMINE INBOX
        U: a OK ...
        C: b FETCH 1 EMAILID
        S: * 1 FETCH (EMAILID (<e>))
        S: b OK ...
        C: c EXAMINE Sent
        U: c OK ...
        C: d FETCH 1 EMAILID
        S: * 1 FETCH (EMAILID (<e>))
        S: d OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
