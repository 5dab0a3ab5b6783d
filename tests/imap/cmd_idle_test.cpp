// IDLE: deliveries, flags and expunges of others arrive while it lasts; how it ends.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view select_inbox = R"(
    L: alice
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    U: s OK ...
)";

TEST(Idle, EndsByDoneAndNothingElse) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a IDLE
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK ...
        C: a IDLE x
        S: a BAD Unexpected extra arguments
        C: b IDLE
        S: + idling
        C: c NOOP
        S: b BAD DONE expected
        C: d IDLE
        S: + idling
        C: done
        S: d OK IDLE completed
        C: e IDLE
        C: DONE
        C: f NOOP
        S: + idling
        S: e OK IDLE completed
        S: f OK NOOP completed
    )");
}

// RFC 2177: a delivery, flags and expunges of another session, a second delivery.
TEST(Idle, TellsAtOnceWhatOthersDo) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 2;
        Bed bed(options);
        bed.play(std::string(select_inbox) + R"(
            C: a IDLE
            S: + idling
            D: alice one
            S: * 1 EXISTS
            S: * 1 RECENT
            D: alice two
            S: * 2 EXISTS
            S: * 2 RECENT
            L2: alice
            C2: s SELECT INBOX
            S2: * FLAGS ...
            S2: * 2 EXISTS
            S2: * 0 RECENT
            S2: * OK ...
            S2: * OK ...
            S2: * OK ...
            S2: * OK ...
            S2: * OK ...
            S2: * OK ...
            U2: s OK ...
            C2: a STORE 1 +FLAGS.SILENT (\Deleted)
            S2: a OK STORE completed
            S: * 1 FETCH (FLAGS (\Deleted \Recent))
            C2: b EXPUNGE
            S2: * 1 EXPUNGE
            S2: b OK EXPUNGE completed
            S: * 1 EXPUNGE
            C: DONE
            S: a OK IDLE completed
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

TEST(Idle, AutologoutAfterThirtyMinutes) {
    Bed bed;
    bed.play(std::string(select_inbox) + R"(
        C: a IDLE
        S: + idling
        W: 1700
        C: DONE
        S: a OK IDLE completed
        C: b IDLE
        S: + idling
        W: 1810
        S: * BYE Autologout; idle for too long
        E:
    )");
}

TEST(Idle, TheClientGoesAwayInTheMiddle) {
    Bed bed;
    bed.play(std::string(select_inbox) + R"(
        C: a IDLE
        S: + idling
        X:
        D: alice one
    )");
    bed.world().run_for(seconds(10));
    EXPECT_EQ(bed.counters().sessions, 0u);
}

TEST(Idle, ADeletedMailboxEndsIt) {
    Bed bed;
    bed.play(R"(
        L1: alice
        C1: a CREATE Work
        S1: a OK ...
        C1: s SELECT Work
        S1: * FLAGS ...
        S1: * 0 EXISTS
        S1: * 0 RECENT
        S1: * OK ...
        S1: * OK ...
        S1: * OK ...
        S1: * OK ...
        S1: * OK ...
        U1: s OK ...
        C1: i IDLE
        S1: + idling
        L2: alice
        C2: a DELETE Work
        S2: a OK DELETE completed
        S1: * BYE The selected mailbox was deleted
        S1: i OK IDLE completed
        E1:
    )");
}

// Whether it waits for a command or is in IDLE, on whichever shard it is.
TEST(Idle, EndsWhenTheAccountIsDisabled) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 2;
        Bed bed(options);
        bed.disable_later("alice", seconds(30));
        bed.play(R"(
            L: alice
            L2: alice
            L3: bob
            C2: a IDLE
            S2: + idling
            S: * BYE [CONTACTADMIN] This account has been disabled
            E:
            S2: * BYE [CONTACTADMIN] This account has been disabled
            E2:
            C3: a NOOP
            S3: a OK NOOP completed
        )");
    }
}

}  // namespace
}  // namespace postern::imap
