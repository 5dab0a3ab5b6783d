// QUOTA and QUOTASET: what an account may hold, asked for and set by IMAP; what happens at the
// limit. RFC 9208.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Quota, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a GETQUOTA alice@example.test
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK ...
        C: a GETQUOTA
        S: a BAD Missing argument
        C: a GETQUOTA a b
        S: a BAD Unexpected extra arguments
        C: a GETQUOTA (a)
        S: a BAD Invalid argument
        C: a GETQUOTAROOT
        S: a BAD Missing argument
        C: a GETQUOTAROOT INBOX x
        S: a BAD Unexpected extra arguments
        C: a GETQUOTAROOT a//b
        S: a NO [CANNOT] Not possible
        C: a SETQUOTA
        S: a BAD Missing argument
        C: a SETQUOTA x
        S: a BAD Missing argument
        C: a SETQUOTA x STORAGE 1
        S: a BAD Opening parenthesis expected
        C: b SETQUOTA x (STORAGE)
        S: b BAD Space expected
        C: b SETQUOTA x (STORAGE x)
        S: b BAD Number expected
        C: b SETQUOTA x (STORAGE 9223372036854775808)
        S: b BAD Number expected
        C: b SETQUOTA x (STORAGE 1 storage 2)
        S: b BAD The same resource twice
        C: b SETQUOTA x (STORAGE 1
        S: b BAD Closing parenthesis expected
        C: b SETQUOTA x () y
        S: b BAD Unexpected extra arguments
    )");
}

// RFC 9208 §4.1.1, §4.1.2, §5: one root, in units of 1024 octets, rounded up.
TEST(Quota, AsksForTheOwnRoot) {
    Bed bed;
    bed.set_quota("alice", {10'240, 7});
    bed.deliver("alice", simple_message("one", std::string(1'000, 'x') + "\r\n"));
    bed.play(R"(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE QUOTASET ...] ...
        C: a GETQUOTAROOT INBOX
        S: * QUOTAROOT INBOX alice@example.test
        S: * QUOTA alice@example.test (STORAGE 2 10 MESSAGE 1 7)
        S: a OK GETQUOTAROOT completed
        C: b GETQUOTAROOT "Not there"
        S: * QUOTAROOT "Not there" alice@example.test
        S: * QUOTA alice@example.test (STORAGE 2 10 MESSAGE 1 7)
        S: b OK GETQUOTAROOT completed
        C: c GETQUOTA "alice@example.test"
        S: * QUOTA alice@example.test (STORAGE 2 10 MESSAGE 1 7)
        S: c OK GETQUOTA completed
    )");
    bed.set_quota("alice", {0, 7});
    bed.play(R"(
        L: alice
        C: a GETQUOTA alice@example.test
        S: * QUOTA alice@example.test (MESSAGE 1 7)
        S: a OK ...
    )");
    bed.set_quota("alice", {});
    bed.play(R"(
        L: alice
        C: a GETQUOTA alice@example.test
        S: * QUOTA alice@example.test ()
        S: a OK ...
    )");
}

// RFC 9208 §8: whether there is another root is not told either.
TEST(Quota, OthersRootsDoNotExist) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a GETQUOTA bob@example.test
        S: a NO [NONEXISTENT] No such quota root
        C: b GETQUOTA nobody@example.test
        S: b NO [NONEXISTENT] No such quota root
        C: c GETQUOTA ""
        S: c NO [NONEXISTENT] No such quota root
        C: d SETQUOTA bob@example.test (STORAGE 1)
        S: d NO [NOPERM] Only an administrator may set quotas
        C: e SETQUOTA nobody@example.test (STORAGE 1)
        S: e NO [NOPERM] Only an administrator may set quotas
        C: f SETQUOTA alice@example.test (STORAGE 1000000)
        S: f NO [NOPERM] Only an administrator may set quotas
    )");
}

// RFC 9208 §4.3.1: APPEND before it is sent, COPY, not MOVE; an untagged NO where mail is selected
// that cannot grow. What is expunged makes room.
TEST(Quota, AtTheLimit) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.set_quota("alice", {0, 2});
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: * NO [OVERQUOTA] Over quota
        S: s OK [READ-WRITE] ...
        C: a COPY 1 Archive
        S: a NO [OVERQUOTA] Over quota
        C: b APPEND Archive {500}
        S: b NO [OVERQUOTA] Over quota
        C: c APPEND Archive {5+}
        C: A: b
        S: c NO [OVERQUOTA] Over quota
        C: d NOOP
        S: d OK ...
        C: e MOVE 1 Archive
        S: * OK [COPYUID ...
        S: * 1 EXPUNGE
        S: e OK ...
        C: f STORE 1 +FLAGS.SILENT (\Deleted)
        S: f OK ...
        C: g EXPUNGE
        S: * 1 EXPUNGE
        S: g OK ...
        C: h EXAMINE Archive
        U: h OK [READ-ONLY] ...
        C: i SELECT Archive
        S: * OK [CLOSED] ...
        S: * FLAGS ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [PERMANENTFLAGS ...
        S: * OK [UIDNEXT ...
        S: * OK [UIDVALIDITY ...
        S: * OK [HIGHESTMODSEQ ...
        S: * OK [MAILBOXID ...
        S: * OK [URLMECH ...
        S: i OK [READ-WRITE] ...
        C: j COPY 1 INBOX
        S: j OK [COPYUID ...
    )");
}

// RFC 9208 §4.1.4: octets, the sum of RFC822.SIZE.
TEST(Quota, StatusOfWhatAnExpungeWouldFree) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    std::string size = std::to_string(simple_message("one").size());
    bed.play(R"(
        L: alice
        C: a STATUS INBOX (DELETED DELETED-STORAGE)
        S: * STATUS INBOX (DELETED 0 DELETED-STORAGE 0)
        S: a OK ...
        C: s SELECT INBOX
        U: s OK ...
        C: b STORE 2 FLAGS.SILENT (\Deleted)
        S: b OK ...
        C: c STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)
        S: * STATUS INBOX (MESSAGES 2 DELETED 1 DELETED-STORAGE )" +
             size + R"()
        S: c OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
