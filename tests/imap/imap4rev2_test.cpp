// IMAP4rev2 by ENABLE, beside clients of rev1 that are told what they always were. RFC 9051.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 9051 §6.3.2, §7.3.4, §2.3.2: LIST in SELECT, no RECENT, no UNSEEN, no \Recent.
TEST(Imap4rev2, NoRecent) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        bed.deliver("alice", simple_message("one"));
        bed.play(R"(
            L1: alice
            C1: a ENABLE IMAP4rev2
            S1: * ENABLED IMAP4rev2
            S1: a OK ENABLE completed
            C1: b SELECT INBOX
            S1: * LIST (\Subscribed \HasNoChildren) "/" INBOX
            S1: * FLAGS ...
            S1: * 1 EXISTS
            S1: * OK [PERMANENTFLAGS ...
            S1: * OK [UIDNEXT ...
            S1: * OK [UIDVALIDITY ...
            S1: * OK [HIGHESTMODSEQ ...
            S1: * OK [MAILBOXID ...
            S1: * OK [URLMECH INTERNAL] ...
            S1: b OK [READ-WRITE] ...
            C1: c FETCH 1 FLAGS
            S1: * 1 FETCH (FLAGS ())
            S1: c OK ...
            L2: alice
            C2: b SELECT INBOX
            S2: * FLAGS ...
            S2: * 1 EXISTS
            S2: * 0 RECENT
            S2: * OK [UNSEEN 1] ...
            U2: b OK ...
            D: alice two
            C2: c NOOP
            S2: * 2 EXISTS
            S2: * 1 RECENT
            S2: c OK ...
            C1: d NOOP
            S1: * 2 EXISTS
            S1: d OK ...
            C2: d STORE 1 FLAGS (\Seen)
            S2: * 1 FETCH (FLAGS (\Seen))
            S2: d OK ...
            C1: e NOOP
            S1: * 1 FETCH (UID 1 FLAGS (\Seen))
            S1: e OK ...
            C1: f SELECT Sent
            S1: * OK [CLOSED] ...
            U1: f OK ...
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 9051 §5.1: names are UTF-8 to the one and modified UTF-7 to the other.
TEST(Imap4rev2, NamesAreUtf8) {
    Bed bed;
    bed.play(R"(
        L1: alice
        L2: alice
        C1: a ENABLE IMAP4rev2
        U1: a OK ...
        C1: b CREATE "Entwürfe & mehr"
        S1: b OK ...
        C2: b LIST "" Entw*
        S2: * LIST (\HasNoChildren) "/" "Entw&APw-rfe &- mehr"
        S2: b OK ...
        C1: c LIST "" "Entwü*"
        S1: * LIST (\HasNoChildren) "/" "Entwürfe & mehr"
        S1: c OK ...
        C1: d STATUS "Entwürfe & mehr" (MESSAGES DELETED SIZE)
        S1: * STATUS "Entwürfe & mehr" (MESSAGES 0 DELETED 0 SIZE 0)
        S1: d OK ...
        C2: d STATUS "Entw&APw-rfe &- mehr" (MESSAGES)
        S2: * STATUS "Entw&APw-rfe &- mehr" (MESSAGES 0)
        S2: d OK ...
        C1: e SELECT "Entw&APw-rfe &- mehr"
        S1: e NO [NONEXISTENT] ...
        C2: e SELECT "Entwürfe"
        S2: e BAD ...
    )");
}

// RFC 8438 (STATUS=SIZE), RFC 7889 §3 (APPENDLIMIT)
TEST(Imap4rev2, StatusDeletedAndSize) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    std::string size = std::to_string(2 * simple_message("one").size());
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        U: a OK ...
        C: b STORE 2 FLAGS.SILENT (\Deleted)
        S: b OK ...
        C: c STATUS INBOX (DELETED SIZE APPENDLIMIT)
        S: * STATUS INBOX (DELETED 1 SIZE )" +
             size + R"( APPENDLIMIT 52428800)
        S: c OK ...
    )");
}

constexpr std::string_view enable = R"(
    L: alice
    C: e ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: e OK ...
)";

// RFC 9051 §6.3.1: "MUST NOT change the CAPABILITY list".
TEST(Imap4rev2, EnableLeavesTheCapabilitiesAlone) {
    Bed bed;
    bed.play(R"(
        S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY IMAP4rev1 IMAP4rev2 ...
        C: e ENABLE imap4REV2
        S: * ENABLED IMAP4rev2
        S: e OK ...
        C: a CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ...
        S: a OK ...
    )");
}

// RFC 9051 §6.3.2: attributes are accurate; [CLOSED] when another one was selected, whatever
// becomes of this command.
TEST(Imap4rev2, SelectListsTheMailbox) {
    Bed bed;
    bed.play(std::string(enable) + R"(
        C: a CREATE Work/2024
        S: a OK ...
        C: b EXAMINE Work
        S: * LIST (\HasChildren) "/" Work
        U: b OK [READ-ONLY] ...
        C: c SELECT Sent
        S: * OK [CLOSED] ...
        S: * LIST (\Subscribed \HasNoChildren \Sent) "/" Sent
        U: c OK [READ-WRITE] ...
        C: d SELECT Nowhere
        S: * OK [CLOSED] ...
        S: d NO [NONEXISTENT] ...
        C: e CLOSE
        S: e BAD Command not allowed now
        C: f SELECT inbox
        S: * LIST (\Subscribed \HasNoChildren) "/" INBOX ("OLDNAME" (inbox))
        U: f OK ...
        C: g LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: g OK ...
    )");
}

// RFC 9051 §5.1, §6.3.4, §6.3.6, §6.3.9.7: a name that is not in Normalization Form C is converted,
// and means the same mailbox everywhere.
TEST(Imap4rev2, NamesAreNormalised) {
    const std::string given = "\"Entwu\xcc\x88rfe\"";
    const std::string made = "\"Entw\xc3\xbcrfe\"";
    Bed bed;
    bed.play(std::string(enable) + "C: a CREATE " + given + R"(
        S: * LIST (\HasNoChildren) "/" )" +
             made + R"( ("OLDNAME" ()" + given + R"())
        S: a OK ...
        C: b CREATE )" +
             made + R"(
        S: b NO [ALREADYEXISTS] ...
        C: c SUBSCRIBE )" +
             given + R"(
        S: c OK ...
        C: d SELECT )" +
             given + R"(
        S: * LIST (\Subscribed \HasNoChildren) "/" )" +
             made + R"( ("OLDNAME" ()" + given + R"())
        U: d OK ...
        C: e STATUS )" +
             given + R"( (MESSAGES)
        S: * STATUS ... (MESSAGES 0)
        S: e OK ...
        C: f LIST "" )" +
             given + R"(
        S: * LIST (\HasNoChildren) "/" )" +
             made + R"(
        S: f OK ...
        C: g APPEND )" +
             given + R"( {5+}
        C: A: b
        S: * LIST (\Subscribed \HasNoChildren) "/" )" +
             made + R"( ("OLDNAME" ()" + given + R"())
        S: * 1 EXISTS
        S: g OK [APPENDUID ...
        C: h RENAME )" +
             given + R"( Plain
        S: * LIST (\HasNoChildren) "/" Plain ("OLDNAME" ()" +
             given + R"())
        S: h OK ...
        C: i RENAME Plain )" +
             given + R"(
        S: * LIST (\Subscribed \HasNoChildren) "/" )" +
             made + R"( ("OLDNAME" (Plain))
        S: i OK ...
        C: j UNSELECT
        S: j OK ...
        C: k DELETE )" +
             given + R"(
        S: * LIST (\NonExistent \Subscribed \HasNoChildren) "/" )" +
             made + R"( ("OLDNAME" ()" + given + R"())
        S: k OK ...
        C: l UNSUBSCRIBE )" +
             given + R"(
        S: l OK ...
        C: m LIST (SUBSCRIBED) "" Entw*
        S: m OK ...
    )");
}

// What is not renamed or made under another name is not said; nor is INBOX's renaming.
TEST(Imap4rev2, NothingIsSaidOfNamesThatStay) {
    Bed bed;
    bed.play(std::string(enable) + R"(
        C: a CREATE Work/
        S: a OK [MAILBOXID ...
        C: b RENAME Work Play
        S: b OK ...
        C: c RENAME inbox Old
        S: c OK ...
        C: d DELETE Play
        S: d OK ...
        C: e CREATE inbox/x
        S: * LIST (\HasNoChildren) "/" INBOX/x ("OLDNAME" (inbox/x))
        S: e OK ...
    )");
}

// RFC 9051 §6.3.5, RFC 5530 §3 (HASCHILDREN): a name that is only there for what is below it.
TEST(Imap4rev2, NamesWithChildren) {
    Bed bed;
    bed.play(std::string(enable) + R"(
        C: a CREATE Work/2024
        S: a OK ...
        C: b DELETE Work
        S: b OK ...
        C: c LIST "" Work*
        S: * LIST (\NonExistent \HasChildren) "/" Work
        S: * LIST (\HasNoChildren) "/" Work/2024
        S: c OK ...
        C: d DELETE Work
        S: d NO [HASCHILDREN] ...
        C: e DELETE Nowhere
        S: e NO [NONEXISTENT] ...
        C: f SELECT Work
        S: f NO [NONEXISTENT] ...
    )");
}

// RFC 9051 §6.4.4, §7.3.4: ESEARCH always, with the tag, and UID for UID SEARCH; 63-bit sizes.
TEST(Imap4rev2, SearchAnswersWithEsearch) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.play(std::string(enable) + R"(
        C: s SELECT INBOX
        U: s OK ...
        C: a SEARCH ALL
        S: * ESEARCH (TAG "a") ALL 1:2
        S: a OK ...
        C: b UID SEARCH SUBJECT two
        S: * ESEARCH (TAG "b") UID ALL 2
        S: b OK ...
        C: c SEARCH SUBJECT three
        S: * ESEARCH (TAG "c")
        S: c OK ...
        C: d SEARCH RETURN (COUNT) UNSEEN
        S: * ESEARCH (TAG "d") COUNT 2
        S: d OK ...
        C: e SEARCH RETURN (SAVE) SUBJECT "zwölf"
        S: e OK ...
        C: f SEARCH LARGER 9223372036854775806
        S: * ESEARCH (TAG "f")
        S: f OK ...
        C: g SEARCH LARGER 9223372036854775808
        S: g BAD Number expected
        C: h SEARCH CHARSET X-NOBODY ALL
        S: h NO [BADCHARSET ...
        C: i FETCH 1 BODY.PEEK[]<4294967296.4294967296>
        S: * 1 FETCH (BODY[]<4294967296> {0}
        S: )
        S: i OK ...
        C: j FETCH 1 BODY.PEEK[]<0.0>
        S: j BAD Number must not be zero
    )");
}

// RFC 9051 §7.5.2: "unsolicited FETCH responses … MUST include UID". §6.4.8: COPYUID before the
// EXPUNGE. §6.4.7, §6.4.8, §6.3.12: TRYCREATE.
TEST(Imap4rev2, WhatOthersDoAndMove) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.play(std::string(enable) + R"(
        C: s SELECT INBOX
        U: s OK ...
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: a STORE 2 +FLAGS.SILENT ($Forwarded)
        S2: a OK ...
        C: a NOOP
        S: * 2 FETCH (UID 2 FLAGS ($Forwarded))
        S: a OK ...
        C: b STORE 1 +FLAGS ($MDNSent $Junk $NonJunk $Phishing)
        S: * 1 FETCH (UID 1 FLAGS (...$Junk...))
        S: b OK ...
        C: c COPY 1 Nowhere
        S: c NO [TRYCREATE] ...
        C: d UID MOVE 1 Nowhere
        S: d NO [TRYCREATE] ...
        C: e APPEND Nowhere {5+}
        C: A: b
        S: e NO [TRYCREATE] ...
        C: f MOVE 1 Archive
        S: * OK [COPYUID <v> 1 1] ...
        S: * 1 EXPUNGE
        S: f OK ...
        C: g COPY 1 Archive
        S: g OK [COPYUID <v> 2 2] ...
        C: h FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1])
        S: * 1 FETCH (BINARY.SIZE[1] 8 BINARY[1] {8}
        S: Hello.
        S: )
        S: h OK ...
        C: i FETCH 1 (FLAGS)
        S: * 1 FETCH (FLAGS ($Forwarded))
        S: i OK ...
    )");
}

// RFC 9051 §7.1: PERMANENTFLAGS anew, without "\*", when no keyword can be made any more; also to
// those who have not made it.
TEST(Imap4rev2, NoMoreKeywords) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    std::string all;
    for (int i = 0; i < 58; ++i) all += " K" + std::to_string(i);
    bed.play(std::string(enable) + R"(
        C: s SELECT INBOX
        U: s OK ...
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C: a STORE 1 +FLAGS.SILENT ()" +
             all.substr(1) + R"()
        S: * FLAGS (...K56 K57)
        S: * OK [PERMANENTFLAGS (...K56 K57)] ...
        S: a OK ...
        C: b STORE 1 +FLAGS.SILENT (Another)
        S: b NO [LIMIT] ...
        C2: a NOOP
        S2: * FLAGS (...K56 K57)
        S2: * OK [PERMANENTFLAGS (...K56 K57)] ...
        S2: * 1 FETCH (FLAGS ...
        S2: a OK ...
        C2: b NOOP
        S2: b OK ...
    )");
}

// RFC 9051 §7.2.2, appendix A: "server responses MUST conform to RFC 3501 until the client issues
// a command that uses an additional capability".
TEST(Imap4rev2, WithoutEnableMailIsAsRev1HasIt) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        S: * OK [CAPABILITY IMAP4rev1 ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY IMAP4rev1 ...
        C: a SELECT inbox
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft...)
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] First unseen message
        S: * OK [PERMANENTFLAGS (...\*)] Flags that are kept
        S: * OK [UIDNEXT 2] Predicted next UID
        S: * OK [UIDVALIDITY ...] UIDs valid
        S: * OK [HIGHESTMODSEQ ...] Highest mod-sequence
        S: * OK [MAILBOXID ...] Mailbox
        S: * OK [URLMECH ...
        S: a OK [READ-WRITE] SELECT completed
        D: alice two
        C: b NOOP
        S: * 2 EXISTS
        S: * 2 RECENT
        S: b OK NOOP completed
        C: c SEARCH RECENT
        S: * SEARCH 1 2
        S: c OK SEARCH completed
        C: d SEARCH SUBJECT three
        S: * SEARCH
        S: d OK SEARCH completed
        C: e FETCH 1 (FLAGS RFC822.SIZE)
        S: * 1 FETCH (FLAGS (\Recent) RFC822.SIZE ...)
        S: e OK FETCH completed
        C: f STORE 1 +FLAGS (\Deleted)
        S: * 1 FETCH (FLAGS (\Deleted \Recent))
        S: f OK STORE completed
        L2: alice
        C2: s EXAMINE INBOX
        S2: * FLAGS ...
        S2: * 2 EXISTS
        S2: * 0 RECENT
        U2: s OK [READ-ONLY] EXAMINE completed
        C: g STORE 2 FLAGS.SILENT (\Seen)
        S: g OK STORE completed
        C2: a NOOP
        S2: * 2 FETCH (FLAGS (\Seen))
        S2: a OK NOOP completed
    )");
}

TEST(Imap4rev2, WithoutEnableNamesAreAsRev1HasThem) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        U: a OK ...
        C: h CREATE "Entw&APw-rfe/neu"
        S: h OK [MAILBOXID ...] CREATE completed
        C: i CREATE "Entwu&Awg-rfe"
        S: i NO [ALREADYEXISTS] Mailbox exists already
        C: j CREATE "inbox/Sub"
        S: j OK [MAILBOXID ...] CREATE completed
        C: k DELETE "Entw&APw-rfe"
        S: k OK DELETE completed
        C: l LIST "" "Entw*"
        S: * LIST (\Noselect \HasChildren) "/" Entw&APw-rfe
        S: * LIST (\HasNoChildren) "/" Entw&APw-rfe/neu
        S: l OK LIST completed
        C: m LSUB "" Sent
        S: * LSUB () "/" Sent
        S: m OK LSUB completed
        C: n STATUS INBOX (MESSAGES RECENT UNSEEN)
        S: * STATUS INBOX (MESSAGES 1 RECENT 0 UNSEEN 1)
        S: n OK STATUS completed
        C: o CHECK
        S: o OK CHECK completed
        C: p FETCH 1 RFC822.TEXT
        S: * 1 FETCH (RFC822.TEXT {8}
        S: Hello.
        S:  FLAGS (\Seen \Recent))
        S: p OK FETCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
