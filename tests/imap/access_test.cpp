// Mailboxes of other users, under Shared/: what is seen, what is hidden, and several sessions at
// work on one, with the owner on the same shard and on another. RFC 4314, RFC 2342, RFC 5465.
// Long for a reason: one fixture, and scripts that show what each of two sessions is told.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "store/check.hpp"

namespace postern::imap {
namespace {

// Whether a user is at home where alice is depends on the number of shards.
class SharedMailbox : public testing::TestWithParam<unsigned> {
 protected:
    static BedOptions options() {
        BedOptions options;
        options.shards = GetParam();
        return options;
    }
    ~SharedMailbox() override {
        for (const char* user : {"alice", "bob", "carol"}) {
            bed_.run(bed_.home_of(user), check(&bed_, user));
        }
    }
    static engine::task<void> check(Bed* bed, std::string user) {
        auto account = co_await bed->store().open_account("example.test/" + user);
        EXPECT_TRUE(account);
        auto problems = co_await (*account)->check(store::Repair::no);
        EXPECT_TRUE(problems);
        for (const std::string& problem : *problems) ADD_FAILURE() << problem;
    }

    Bed bed_{options()};
};

INSTANTIATE_TEST_SUITE_P(Shards, SharedMailbox, testing::Values(1u, 2u, 3u));

TEST(SharedMailboxes, SomeUserLivesElsewhere) {
    BedOptions options;
    options.shards = 2;
    Bed two(options);
    EXPECT_TRUE(two.home_of("alice") != two.home_of("bob") ||
                two.home_of("alice") != two.home_of("carol"));
}

// RFC 4314 §6: not shared, not there, no such user: the same words.
TEST_P(SharedMailbox, NothingIsToldOfWhatIsNotShared) {
    std::string script = R"(
        L1: alice
        C1: a CREATE Secret
        S1: a OK ...
        C1: a CREATE Open
        S1: a OK ...
        C1: a SETACL Open bob lr
        S1: a OK ...
        C1: a SETACL Secret carol lr
        S1: a OK ...
        L2: bob
    )";
    for (const char* name :
         {"alice@example.test/Secret", "alice@example.test/Nothing", "alice@example.test",
          "dave@example.test/INBOX", "nobody@example.test/INBOX", "nobody@example.org/INBOX",
          "bob@example.test/INBOX", "a..b@example.test/INBOX"}) {
        std::string shared = "Shared/" + std::string(name);
        for (const char* command :
             {"SELECT %", "EXAMINE %", "STATUS % (MESSAGES)", "GETACL %", "MYRIGHTS %",
              "LISTRIGHTS % bob", "SETACL % bob lr", "DELETEACL % bob", "DELETE %", "RENAME % Mine",
              "CREATE %/Below", "GETMETADATA % /shared/comment"}) {
            std::string text = command;
            text.replace(text.find('%'), 1, shared);
            script += "C2: b " + text + "\nS2: b NO [NONEXISTENT] No such mailbox or message\n";
        }
        script += "C2: b APPEND " + shared + " {4}\nS2: b NO [TRYCREATE] No such mailbox\n";
    }
    bed_.play(script);
}

TEST_P(SharedMailbox, IsListedToThoseWhoMaySeeIt) {
    bed_.play(R"(
        L1: alice
        C1: a CREATE Work/Reports
        S1: a OK ...
        C1: a CREATE Work/Secret
        S1: a OK ...
        C1: a SETACL Work/Reports bob lr
        S1: a OK ...
        C1: a SETACL INBOX $example.test rs
        S1: a OK ...
        C1: a LIST "" Shared*
        S1: a OK ...
        L2: bob
        C2: b NAMESPACE
        S2: * NAMESPACE (("" "/")) (("Shared/" "/")) NIL
        S2: b OK ...
        C2: b LIST "" %
        U2: * LIST (\Noselect \HasChildren) "/" Shared
        U2: b OK ...
        C2: c LIST "" Shared/%
        S2: * LIST (\Noselect \HasChildren) "/" Shared/alice@example.test
        S2: c OK ...
        C2: d LIST "" Shared/* RETURN (MYRIGHTS STATUS (MESSAGES))
        S2: * LIST (\NonExistent \HasChildren) "/" Shared/alice@example.test
        S2: * LIST (\NonExistent \HasChildren) "/" Shared/alice@example.test/Work
        S2: * LIST (\HasNoChildren) "/" Shared/alice@example.test/Work/Reports
        S2: * MYRIGHTS Shared/alice@example.test/Work/Reports lr
        S2: * STATUS Shared/alice@example.test/Work/Reports (MESSAGES 0)
        S2: d OK ...
        C2: e SUBSCRIBE Shared/alice@example.test/Work/Reports
        S2: e OK ...
        C2: e LIST (SUBSCRIBED) "" Shared/*
        S2: * LIST (\Subscribed \HasNoChildren) "/" Shared/alice@example.test/Work/Reports
        S2: e OK ...
        C2: e LSUB "" Shared/*
        S2: * LSUB () "/" Shared/alice@example.test/Work/Reports
        S2: e OK ...
        C2: f STATUS Shared/alice@example.test/inbox (MESSAGES)
        S2: * STATUS Shared/alice@example.test/INBOX (MESSAGES 0)
        S2: f OK ...
        C2: f CREATE Shared
        S2: f NO [CANNOT] ...
        C2: f RENAME Sent Shared
        S2: f NO [CANNOT] ...
        C2: f RENAME Shared/alice@example.test/Work/Reports Mine
        S2: f NO [NOPERM] ...
        C2: f GETACL Shared/alice@example.test/Work/Reports
        S2: f NO [NOPERM] ...
        C1: g DELETEACL Work/Reports bob
        S1: g OK ...
        C2: h LIST "" Shared/*
        S2: h OK ...
    )");
}

// Two users and a delivery: each sees at once what the others do.
TEST_P(SharedMailbox, SeveralUsersWorkOnOne) {
    bed_.play(R"(
        L1: alice
        C1: a SETACL INBOX bob lrswite
        S1: a OK ...
        C1: a SETACL INBOX carol lrs
        S1: a OK ...
        D: alice One
        C1: a SELECT INBOX
        U1: a OK [READ-WRITE] ...
        L2: bob
        C2: a SELECT Shared/alice@example.test/INBOX
        U2: * 1 EXISTS
        U2: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded \*)] ...
        U2: a OK [READ-WRITE] ...
        L3: carol
        C3: a SELECT Shared/alice@example.test/INBOX
        U3: * OK [PERMANENTFLAGS (\Seen)] ...
        U3: a OK [READ-WRITE] ...
        C3: i IDLE
        S3: + idling
        C1: i IDLE
        S1: + idling
        C2: b STORE 1 +FLAGS (\Flagged $Work)
        S2: * 1 FETCH (FLAGS (\Flagged $Work))
        S2: b OK ...
        S1: * 1 FETCH (FLAGS (\Flagged $Work...
        S3: * 1 FETCH (FLAGS (\Flagged $Work))
        D: alice Two
        S1: * 2 EXISTS
        S1: * ...
        S3: * 2 EXISTS
        U3: * 0 RECENT
        W: 1
        C2: c NOOP
        S2: * 2 EXISTS
        U2: c OK ...
        C2: d FETCH 2 (BODY[HEADER.FIELDS (Subject)] FLAGS)
        S2: * 2 FETCH (BODY[HEADER.FIELDS (Subject)] {16}
        S2: Subject: Two
        S2:
        S2:  FLAGS (\Seen))
        S2: d OK ...
        S1: * 2 FETCH (FLAGS (\Seen...
        S3: * 2 FETCH (FLAGS (\Seen))
    )");
}

TEST_P(SharedMailbox, ExpungesAndAppendsAreSeenByAll) {
    bed_.play(R"(
        L1: alice
        C1: a SETACL INBOX bob lrswite
        S1: a OK ...
        C1: a SETACL INBOX carol lrs
        S1: a OK ...
        D: alice One
        D: alice Two
        C1: a SELECT INBOX
        U1: a OK [READ-WRITE] ...
        L2: bob
        C2: a SELECT Shared/alice@example.test/INBOX
        U2: a OK [READ-WRITE] ...
        L3: carol
        C3: a SELECT Shared/alice@example.test/INBOX
        U3: a OK [READ-WRITE] ...
        C3: i IDLE
        S3: + idling
        C1: i IDLE
        S1: + idling
        C2: e STORE 1 +FLAGS.SILENT (\Deleted)
        S2: e OK ...
        S1: * 1 FETCH (FLAGS (\Deleted...
        S3: * 1 FETCH (FLAGS (\Deleted...
        C2: f EXPUNGE
        S2: * 1 EXPUNGE
        S2: f OK ...
        S1: * 1 EXPUNGE
        S3: * 1 EXPUNGE
        C2: g APPEND Shared/alice@example.test/INBOX (\Seen Three) {14+}
        C2: Subject: Three
        S2: * 2 EXISTS
        U2: g OK [APPENDUID <v> 3] ...
        S1: * 2 EXISTS
        S1: * ...
        S3: * 2 EXISTS
        C1: DONE
        U1: i OK ...
        C1: h SEARCH KEYWORD Three
        S1: * SEARCH 2
        S1: h OK ...
        C3: DONE
        U3: i OK ...
        C3: j STORE 1 +FLAGS (\Flagged)
        S3: j NO [NOPERM] ...
        C3: j EXPUNGE
        S3: j NO [NOPERM] ...
        C3: k UID SEARCH KEYWORD Three
        S3: * SEARCH 3
        S3: k OK ...
    )");
}

TEST_P(SharedMailbox, MessagesGoBetweenAccounts) {
    bed_.play(R"(
        L1: alice
        C1: a CREATE Team
        S1: a OK ...
        C1: a SETACL Team bob lrsitek
        S1: a OK ...
        L2: bob
        D: bob Mine
        C2: a SELECT INBOX
        U2: a OK ...
        C2: b STORE 1 +FLAGS.SILENT (\Seen \Flagged Own)
        S2: b OK ...
        C2: c COPY 1 Shared/alice@example.test/Team
        S2: c OK [COPYUID <v> 1 1] ...
        C2: d MOVE 1 Shared/alice@example.test/Team
        S2: * OK [COPYUID <v> 1 2] ...
        S2: * 1 EXPUNGE
        S2: d OK ...
        C2: e CREATE Shared/alice@example.test/Team/Done
        S2: e OK [MAILBOXID (<i>)] ...
        C2: f SELECT Shared/alice@example.test/Team
        S2: * OK [CLOSED] ...
        U2: * 2 EXISTS
        U2: f OK [READ-WRITE] ...
        C2: g FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])
        S2: * 1 FETCH (FLAGS (\Seen...) BODY[HEADER.FIELDS (Subject)] {17}
        S2: Subject: Mine
        S2:
        S2: )
        S2: * 2 FETCH (FLAGS (\Seen...) BODY[HEADER.FIELDS (Subject)] {17}
        S2: Subject: Mine
        S2:
        S2: )
        S2: g OK ...
        C2: h MOVE 1 Shared/alice@example.test/Team/Done
        S2: * OK [COPYUID ... 1 1] ...
        S2: * 1 EXPUNGE
        S2: h OK ...
        C2: i COPY 1 Archive
        S2: i OK [COPYUID ... 2 1] ...
        C2: j STATUS Archive (MESSAGES UNSEEN)
        S2: * STATUS Archive (MESSAGES 1 UNSEEN 0)
        S2: j OK ...
        C2: k UID MOVE 2 INBOX
        S2: * OK [COPYUID ... 2 2] ...
        S2: * 1 EXPUNGE
        S2: k OK ...
        C2: l ESEARCH IN (subtree Shared personal) SUBJECT Mine
        U2: * ESEARCH (TAG "l" MAILBOX Shared/alice@example.test/Team/Done ...) UID ALL 1
        U2: l OK ...
        C2: m DELETE Shared/alice@example.test/Team/Done
        S2: m NO [NOPERM] ...
        C1: n STATUS Team/Done (MESSAGES)
        S1: * STATUS Team/Done (MESSAGES 1)
        S1: n OK ...
        C1: o SELECT Team/Done
        U1: o OK ...
        C1: p FETCH 1 (FLAGS)
        S1: * 1 FETCH (FLAGS (\Seen...))
        S1: p OK ...
    )");
}

TEST_P(SharedMailbox, WhoLosesTheRightOrTheMailboxIsSentAway) {
    bed_.play(R"(
        L1: alice
        C1: a CREATE Team
        S1: a OK ...
        C1: a SETACL Team bob lrswitex
        S1: a OK ...
        C1: a SETACL Team carol lr
        S1: a OK ...
        L2: bob
        C2: a SELECT Shared/alice@example.test/Team
        U2: a OK [READ-WRITE] ...
        L3: carol
        C3: a SELECT Shared/alice@example.test/Team
        U3: a OK [READ-ONLY] ...
        C2: i IDLE
        S2: + idling
        C3: i IDLE
        S3: + idling
        C1: b SETACL Team bob -w
        S1: b OK ...
        S2: * FLAGS ...
        S2: * OK [PERMANENTFLAGS (\Deleted \Seen)] ...
        C1: c DELETEACL Team carol
        S1: c OK ...
        S3: * BYE The selected mailbox may not be read any more
        S3: i OK ...
        E3:
        C2: DONE
        S2: i OK ...
        C2: d DELETE Shared/alice@example.test/Team
        S2: d OK ...
        C2: e NOOP
        S2: e OK NOOP completed
        C1: f STATUS Team (MESSAGES)
        S1: f NO [NONEXISTENT] ...
    )");
}

TEST_P(SharedMailbox, NothingIsReadWithoutTheRight) {
    bed_.play(R"(
        L1: alice
        D: alice One
        C1: a SETACL INBOX bob lr
        S1: a OK ...
        L2: bob
        C2: a SELECT Shared/alice@example.test/INBOX
        U2: a OK ...
        C1: b DELETEACL INBOX bob
        S1: b OK ...
        W: 1
        C2: c FETCH 1 (BODY.PEEK[])
        S2: * BYE The selected mailbox may not be read any more
        S2: c NO [NOPERM] ...
        E2:
    )");
}

TEST_P(SharedMailbox, ADeletedMailboxEndsTheSessionsOfOthers) {
    bed_.play(R"(
        L1: alice
        C1: a CREATE Team
        S1: a OK ...
        C1: a SETACL Team bob lr
        S1: a OK ...
        L2: bob
        C2: a SELECT Shared/alice@example.test/Team
        U2: a OK ...
        C2: i IDLE
        S2: + idling
        C1: b RENAME Team Other
        S1: b OK ...
        D: alice Nothing
        C1: c DELETE Other
        S1: c OK ...
        S2: * BYE The selected mailbox was deleted
        S2: i OK ...
        E2:
    )");
}

// Bob gives rights on, with "a"; comments are shared or the owner's.
TEST_P(SharedMailbox, AdministeringAndAnnotating) {
    bed_.play(R"(
        L1: alice
        C1: a SETMETADATA INBOX (/private/comment "mine" /shared/comment "ours")
        S1: a OK ...
        C1: a SETACL INBOX bob lra
        S1: a OK ...
        L2: bob
        C2: a GETMETADATA Shared/alice@example.test/INBOX (/private/comment /shared/comment)
        S2: * METADATA Shared/alice@example.test/INBOX (/shared/comment "ours")
        S2: a OK ...
        C2: b SETMETADATA Shared/alice@example.test/INBOX (/private/comment "his")
        S2: b NO [METADATA NOPRIVATE] ...
        C2: b SETMETADATA Shared/alice@example.test/INBOX (/shared/comment "his")
        S2: b OK ...
        C2: c SETACL Shared/alice@example.test/INBOX carol lr
        S2: c OK ...
        C2: c GETACL Shared/alice@example.test/INBOX
        S2: * ACL Shared/alice@example.test/INBOX alice@... bob@example.test lra carol@... lr
        S2: c OK ...
        C2: c LISTRIGHTS Shared/alice@example.test/INBOX alice
        S2: * LISTRIGHTS Shared/alice@example.test/INBOX alice la r s w i p k x t e c d
        S2: c OK ...
        C2: d SETACL Shared/alice@example.test/INBOX alice ""
        S2: d OK ...
        C1: d MYRIGHTS INBOX
        S1: * MYRIGHTS INBOX la
        S1: d OK ...
        C1: d DELETEACL INBOX alice
        S1: d OK ...
        L3: carol
        C3: e EXAMINE Shared/alice@example.test/INBOX
        U3: e OK [READ-ONLY] ...
    )");
    bed_.restart();
    bed_.play(R"(
        L2: carol
        C2: a LIST "" Shared/*
        U2: * LIST (\HasNoChildren) "/" Shared/alice@example.test/INBOX
        S2: a OK ...
    )");
}

// RFC 7162: resynchronisation with a mailbox of another account.
TEST_P(SharedMailbox, Resynchronises) {
    bed_.play(R"(
        L1: alice
        C1: a SETACL INBOX bob lrswite
        S1: a OK ...
        D: alice One
        D: alice Two
        D: alice Three
        L2: bob
        C2: a ENABLE QRESYNC
        U2: a OK ...
        C2: b SELECT Shared/alice@example.test/INBOX
        U2: * OK [UIDVALIDITY <v>] ...
        U2: * OK [HIGHESTMODSEQ <m>] ...
        U2: b OK ...
        C2: c UID STORE 2 +FLAGS (\Deleted)
        S2: * 2 FETCH (UID 2 FLAGS (\Deleted...) MODSEQ (...))
        S2: c OK ...
        C2: d EXPUNGE
        S2: * VANISHED 2
        S2: d OK [HIGHESTMODSEQ ...] ...
        C2: e UID FETCH 1:* (FLAGS) (CHANGEDSINCE <m> VANISHED)
        S2: * VANISHED (EARLIER) 2
        S2: e OK ...
        C2: f SELECT Shared/alice@example.test/INBOX (QRESYNC (<v> <m> 1:3))
        S2: * OK [CLOSED] ...
        U2: * VANISHED (EARLIER) 2
        S2: f OK ...
    )");
}

// RFC 5465: as of one's own, but nothing of what the user may not see, and \\NoAccess where he may
// see and not read. Rights count at the moment.
TEST_P(SharedMailbox, NotifyTellsOfWhatTheUserMaySee) {
    bed_.play(R"(
        L1: alice
        C1: a CREATE Secret
        S1: a OK ...
        C1: a CREATE Work
        S1: a OK ...
        C1: a SETACL INBOX bob lr
        S1: a OK ...
        C1: a SETACL Work bob l
        S1: a OK ...
        L2: bob
        C2: b NOTIFY SET STATUS (subtree Shared (MessageNew MessageExpunge FlagChange MailboxName))
        S2: * LIST (\NoAccess) "/" Shared/alice@example.test/Work
        S2: * STATUS Shared/alice@example.test/INBOX (MESSAGES 0 UIDNEXT 1 ...
        S2: b OK ...
        D: alice Hello
        S2: * STATUS Shared/alice@example.test/INBOX (MESSAGES 1 UIDNEXT 2)
        C1: c SELECT INBOX
        U1: c OK ...
        C1: d STORE 1 +FLAGS (\Seen \Deleted)
        U1: d OK ...
        S2: * STATUS Shared/alice@example.test/INBOX (MESSAGES 1 UIDNEXT 2 ... UNSEEN 0)
        C1: d EXPUNGE
        U1: d OK ...
        S2: * STATUS Shared/alice@example.test/INBOX (MESSAGES 0 UIDNEXT 2)
        C1: e CREATE Secret/Below
        S1: e OK ...
        C1: e DELETE Secret/Below
        S1: e OK ...
        C1: f CREATE Work/Sub
        S1: f OK ...
        S2: * LIST (\HasNoChildren) "/" Shared/alice@example.test/Work/Sub
        C1: g RENAME Work/Sub Team
        S1: g OK ...
        S2: * LIST (\HasNoChildren) "/" Shared/alice@example.test/Team ("OLDNAME" (...Work/Sub))
        C1: h DELETE Team
        S1: h OK ...
        S2: * LIST (\NonExistent \HasNoChildren) "/" Shared/alice@example.test/Team
        C1: i SETACL INBOX bob l
        U1: i OK ...
        D: alice unseen
        W: 1
        C2: j NOOP
        S2: j OK ...
        C1: k SETACL INBOX bob lr
        U1: k OK ...
        D: alice seen
        S2: * STATUS Shared/alice@example.test/INBOX (MESSAGES 2 UIDNEXT 4)
        C2: l NOTIFY NONE
        S2: l OK ...
        D: alice later
        W: 1
        C2: m NOOP
        S2: m OK ...
    )");
}

// Rights that come after the NOTIFY, of a mailbox that was named or is subscribed; and the end of a
// session that listens.
TEST_P(SharedMailbox, NotifyHearsOfRightsThatComeLater) {
    bed_.play(R"(
        L1: alice
        L2: bob
        C2: b NOTIFY SET (mailboxes Shared/alice@example.test/INBOX (MessageNew MessageExpunge))
        S2: b OK ...
        D: alice unseen
        W: 1
        C2: c NOOP
        S2: c OK ...
        C1: d SETACL INBOX bob lr
        S1: d OK ...
        D: alice seen
        S2: * STATUS Shared/alice@example.test/INBOX (MESSAGES 2 UIDNEXT 3)
        C2: e LOGOUT
        U2: e OK ...
        D: alice later
        W: 1
        C1: f NOOP
        S1: f OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
