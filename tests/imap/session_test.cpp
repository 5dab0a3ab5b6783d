// The session as a whole: greeting, states, what is malformed, pipelining, several sessions and a
// delivery at once, moving to another shard, and the sample session of RFC 3501 §8.
#include "imap/session.hpp"

#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Session, MalformedCommandsGetBadAndStayInStep) {
    Bed bed;
    bed.play(R"(
        S: * OK [CAPABILITY IMAP4rev1 ...] mail.example.test Postern ready
        C:
        S: * BAD Invalid tag
        C: a1
        S: a1 BAD Missing command
        C: a2 FOO
        S: a2 BAD Unknown command
        C: + NOOP
        S: * BAD Invalid tag
        C: a3 NOOP x
        S: a3 BAD Unexpected extra arguments
        C: a4 SELECT INBOX
        S: a4 BAD Command not allowed now
        C: a5 noop
        S: a5 OK NOOP completed
    )");
}

TEST(Session, TooManyBadCommandsEndIt) {
    Bed bed;
    std::string transcript = "S: * OK ...\n";
    for (unsigned i = 0; i < bad_commands_max; ++i) transcript += "C: a FOO\n";
    for (unsigned i = 0; i < bad_commands_max; ++i) transcript += "S: a BAD Unknown command\n";
    bed.play(transcript + "S: * BYE Too many bad commands\nE:");
}

TEST(Session, LinesOverTheLimit) {
    Bed bed;
    std::string fits = "a1 NOOP " + std::string(early_line_bytes_max - 10, 'x');
    std::string over = fits + "x";
    bed.play("S: * OK ...\nC: " + over + "\nS: a1 BAD Command line too long\nC: " + fits +
             "\nS: a1 BAD Unexpected extra arguments\nC: a2 NOOP\nS: a2 OK NOOP completed");
}

TEST(Session, NulIsRefused) {
    Bed bed;
    std::string line = "C: a1 NO";
    line += '\0';
    bed.play("S: * OK ...\n" + line + "OP\nS: a1 BAD NUL in a command\nC: a2 NOOP\nS: a2 OK ...");
}

TEST(Session, LiteralsOverTheLimit) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a1 LOGIN {4097}
        S: a1 NO [TOOBIG] Too big
        C: a2 LOGIN {4097+}
        B: )" +
             std::string(4097, 'x') + R"(
        C:  {3+}
        C: abc
        S: a2 NO [TOOBIG] Too big
        C: a3 LOGIN {99999999999+}
        S: * BYE [TOOBIG] Literal too big
        S: a3 NO [TOOBIG] Too big
        E:
    )");
}

TEST(Session, ALiteralThatNeverComesEndsByTheLoginTimeout) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a1 LOGIN {5}
        S: + Go ahead
        W: 130
        S: * BYE Autologout; idle for too long
        E:
    )");
}

TEST(Session, AutologoutAfterThirtyMinutes) {
    Bed bed;
    bed.play(R"(
        L: alice
        W: 1790
        C: a1 NOOP
        S: a1 OK NOOP completed
        W: 1810
        S: * BYE Autologout; idle for too long
        E:
    )");
}

TEST(Session, TenThousandPipelinedCommands) {
    Bed bed;
    std::string lines;
    for (int i = 0; i < 10'000; ++i) lines += "C: a NOOP\n";
    for (int i = 0; i < 10'000; ++i) lines += "S: a OK NOOP completed\n";
    bed.play("L: alice\n" + lines);
}

// RFC 3501 §8, with our mailbox: the same commands, the same shape of answers.
constexpr std::string_view sample_session = R"(
    S: * OK [CAPABILITY ...] mail.example.test Postern ready
    C: a001 login alice secret
    S: a001 OK [CAPABILITY IMAP4rev1 ... UIDPLUS MOVE...] LOGIN completed
    C: a002 select inbox
    S: * FLAGS (...\Answered...)
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [UNSEEN 1] First unseen message
    S: * OK [PERMANENTFLAGS (...\*)] Flags that are kept
    S: * OK [UIDNEXT 3] Predicted next UID
    S: * OK [UIDVALIDITY ...] UIDs valid
    S: * OK ...
    S: * OK ...
    S: * OK [URLMECH ...
    S: a002 OK [READ-WRITE] SELECT completed
    C: a003 fetch 2 full
    S: * 2 FETCH (FLAGS (\Recent) INTERNALDATE "..." RFC822.SIZE 180 ENVELOPE ("Mon, ...
    S: a003 OK FETCH completed
    C: b003 fetch 2 envelope
    S: * 2 FETCH (ENVELOPE (...800" "afternoon meeting" (("Fred Foobar" NIL "foobar" ...
    S: b003 OK FETCH completed
    C: c003 fetch 2 body
    S: * 2 FETCH (BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 8 1))
    S: c003 OK FETCH completed
    C: a004 fetch 2 body[header]
    S: * 2 FETCH (BODY[HEADER] {172}
    S: Date: Mon, 7 Feb 1994 21:52:25 -0800
    S: From: Fred Foobar <foobar@example.test>
    S: To: Mooch <mooch@example.test>
    S: Subject: afternoon meeting
    S: Message-Id: <17@example.test>
    S:
    S:  FLAGS (\Seen \Recent))
    S: a004 OK FETCH completed
    C: a005 store 2 +flags \deleted
    S: * 2 FETCH (FLAGS (\Deleted \Seen \Recent))
    S: a005 OK STORE completed
    C: a006 logout
    S: * BYE Logging out
    S: a006 OK LOGOUT completed
    E:
)";

TEST(Session, SampleOfRfc3501) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        bed.deliver("alice", simple_message("first"));
        bed.deliver("alice", simple_message("afternoon meeting"));
        bed.play(sample_session);
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// The same bytes cut anywhere mean the same.
TEST(Session, CutAtRandomBytes) {
    const std::string script =
        "a LOGIN {5+}\r\nalice \"secret\"\r\nb SELECT INBOX\r\nc APPEND INBOX (\\Seen) {9+}\r\n"
        "A: b\r\n\r\nc\r\nd FETCH 1:* (UID BODY[])\r\ne IDLE\r\nDONE\r\nf SEARCH SUBJECT "
        "{1+}\r\nx\r\n"
        "g LOGOUT\r\n";
    std::string expected;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        Bed bed;
        std::vector<std::string> pieces;
        std::uint64_t random = seed;
        for (std::size_t at = 0; at < script.size() && seed > 1;) {
            random = random * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
            std::size_t piece = seed == 2 ? 1 : 1 + (random >> 33) % 40;
            pieces.push_back(script.substr(at, piece));
            at += piece;
        }
        if (pieces.empty()) pieces.push_back(script);
        std::string said = bed.converse(std::move(pieces));
        // The mailbox's id is not the same each time.
        std::size_t id = said.find("[MAILBOXID (");
        if (id != std::string::npos) said.erase(id, said.find("\r\n", id) - id);
        if (expected.empty()) expected = said;
        EXPECT_EQ(said, expected) << "seed " << seed;
    }
    EXPECT_NE(expected.find("g OK LOGOUT completed"), std::string::npos) << expected;
}

TEST(Session, MovesToTheHomeShardOfTheAccount) {
    unsigned moved = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 3;
        Bed bed(options);
        bed.play(R"(
            L1: alice
            L2: bob
            L3: carol
            C1: a SELECT INBOX
            S1: * FLAGS ...
            S1: * 0 EXISTS
            S1: * 0 RECENT
            S1: * OK [PERMANENTFLAGS ...
            S1: * OK [UIDNEXT 1] ...
            S1: * OK [UIDVALIDITY ...
            S1: * OK ...
            S1: * OK ...
            S1: * OK [URLMECH ...
            S1: a OK [READ-WRITE] SELECT completed
            D: alice one
            C1: b NOOP
            S1: * 1 EXISTS
            S1: * 1 RECENT
            S1: b OK NOOP completed
            C2: a NOOP
            S2: a OK NOOP completed
            C3: a LOGOUT
            S3: * BYE Logging out
            S3: a OK LOGOUT completed
            E3:
        )");
        moved += unsigned(bed.counters().moved_here);
        EXPECT_EQ(bed.counters().logins, 3u);
    }
    EXPECT_GT(moved, 0u);
}

TEST(Session, CommandsPipelinedBehindTheLoginMoveAlong) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 2;
        Bed bed(options);
        bed.play(R"(
            S: * OK ...
            C: a LOGIN bob secret
            C: b NOOP
            C: c CAPABILITY
            S: a OK [CAPABILITY ...
            S: b OK NOOP completed
            S: * CAPABILITY IMAP4rev1 ...
            S: c OK CAPABILITY completed
        )");
    }
}

// RFC 3501 §5.2, §7.4.1: what others do is told with the next command; EXPUNGE not during FETCH,
// STORE or SEARCH.
TEST(Session, OthersAreToldAtTheRightMoment) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.deliver("alice", simple_message("three"));
    std::string select;
    for (int session : {1, 2}) {
        std::string n = std::to_string(session);
        select += "L" + n + ": alice\nC" + n + ": s SELECT INBOX\n";
        select += "S" + n + ": * FLAGS ...\nS" + n + ": * 3 EXISTS\nS" + n + ": * ...\nS" + n +
                  ": * OK [UNSEEN 1] ...\nS" + n + ": * OK ...\nS" + n + ": * OK ...\nS" + n +
                  ": * OK ...\nU" + n + ": s OK ...\n";
    }
    bed.play(select + R"(
        C1: a STORE 1 +FLAGS (\Deleted)
        S1: * 1 FETCH (FLAGS (\Deleted...))
        S1: a OK STORE completed
        C2: a NOOP
        S2: * 1 FETCH (FLAGS (\Deleted...))
        S2: a OK NOOP completed
        C1: b EXPUNGE
        S1: * 1 EXPUNGE
        S1: b OK EXPUNGE completed
        D: alice four
        C2: b FETCH 2 (UID)
        S2: * 2 FETCH (UID 2)
        S2: * 4 EXISTS
        S2: * ... RECENT
        S2: b OK FETCH completed
        C2: c FETCH 1 (FLAGS)
        S2: c NO [EXPUNGEISSUED] Some of the messages are gone
        C2: d SEARCH ALL
        S2: * SEARCH 2 3 4
        S2: d OK SEARCH completed
        C2: e UID SEARCH ALL
        S2: * SEARCH 2 3 4
        S2: * 1 EXPUNGE
        S2: e OK UID SEARCH completed
        C2: f FETCH 3 (UID)
        S2: * 3 FETCH (UID 4)
        S2: f OK FETCH completed
    )");
}

TEST(Session, ShutdownSaysBye) {
    auto bed = std::make_unique<Bed>();
    bed->play("L: alice\nC: a NOOP\nS: a OK NOOP completed");
    bed.reset();
}

}  // namespace
}  // namespace postern::imap
