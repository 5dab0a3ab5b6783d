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
            S1: * FLAGS ...
            S1: * 1 EXISTS
            S1: * LIST () "/" INBOX
            S1: * OK [PERMANENTFLAGS ...
            S1: * OK [UIDNEXT ...
            S1: * OK [UIDVALIDITY ...
            S1: * OK [HIGHESTMODSEQ ...
            S1: * OK [MAILBOXID ...
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

}  // namespace
}  // namespace postern::imap
