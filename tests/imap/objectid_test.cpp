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
        S: * 1 FETCH (EMAILID (<e>) THREADID (<t>))
        S: * 2 FETCH (EMAILID (<f>) THREADID (<t>))
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
        C: l SEARCH THREADID <t>
        S: * SEARCH 1 2
        S: l OK ...
        C: m FETCH 1:2 (THREADID)
        S: * 1 FETCH (THREADID (<t>))
        S: * 2 FETCH (THREADID (<t>))
        S: m OK ...
        C: j SEARCH EMAILID
        S: j BAD ...
        C: k SEARCH EMAILID (
        S: k BAD ...
    )");
}

// RFC 8474 §5.2: answers belong to what they answer, in whatever mailbox; what says nothing of
// itself is alone.
TEST(ObjectId, ThreadIdIsThatOfTheConversation) {
    const auto with = [](std::string_view fields) {
        return "From: a@b.test\r\nSubject: s\r\n" + std::string(fields) + "\r\nx\r\n";
    };
    Bed bed;
    std::string many = "References: <1@b.test>";
    for (int i = 0; i < 400; ++i) many += "\r\n <r" + std::to_string(i) + "@b.test>";
    bed.deliver("alice", with("Message-ID: <1@b.test>\r\n"));
    bed.deliver("alice", with("Message-ID: <2@b.test>\r\nIn-Reply-To: <1@b.test>\r\n"));
    bed.deliver("alice", with("Message-ID: <3@b.test>\r\nIn-Reply-To: <2@b.test>\r\n"
                              "References: <\"1\"@b.test> <2@b.test>\r\n"));
    bed.deliver("alice", with(many + "\r\n"));
    bed.deliver("alice", with("References: none\r\nIn-Reply-To:\r\nMessage-ID: <5@b.test>\r\n"));
    bed.deliver("alice", with(""));
    bed.deliver("alice", with(""));
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        U: a OK ...
        C: b FETCH 1:7 (THREADID)
        S: * 1 FETCH (THREADID (<t>))
        S: * 2 FETCH (THREADID (<t>))
        S: * 3 FETCH (THREADID (<t>))
        S: * 4 FETCH (THREADID (<t>))
        S: * 5 FETCH (THREADID (<u>))
        S: * 6 FETCH (THREADID (<v>))
        S: * 7 FETCH (THREADID (<w>))
        S: b OK ...
        C: c SEARCH NOT OR OR THREADID <t> THREADID <u> OR THREADID <v> THREADID <w>
        S: * SEARCH
        S: c OK ...
        C: d SEARCH THREADID <t>
        S: * SEARCH 1 2 3 4
        S: d OK ...
        C: e MOVE 3 Sent
        U: e OK ...
        C: f SELECT Sent
        U: f OK ...
        C: g FETCH 1 (THREADID BODY)
        S: * 1 FETCH (THREADID (<t>) BODY ...
        S: g OK ...
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
