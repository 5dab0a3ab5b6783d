// MULTIAPPEND: several messages by one APPEND, all or none. RFC 3502.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(MultiAppend, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND Sent {4+}
        C: a: b x
        S: a BAD ...
        C: b APPEND Sent {4}
        S: + Go ahead
        C: a: b (\Seen) {0}
        S: b NO [CANNOT] ...
        C: c APPEND Sent {4+}
        C: a: b (\Foo) {4+}
        C: c: d
        S: c BAD ...
        C: d APPEND Sent {4+}
        C: a: b {99999999}
        S: d NO [TOOBIG] ...
        C: e APPEND Sent {4+}
        B: a: b {4+}<CRLF>a<NUL>bc<CRLF>
        S: e BAD NUL in a message
        C: f STATUS Sent (MESSAGES)
        S: * STATUS Sent (MESSAGES 0)
        S: f OK ...
    )");
}

// RFC 3502 §6.3.11, RFC 4315 §3: one APPENDUID for all of them; others see them at once.
TEST(MultiAppend, AllArrive) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        bed.play(R"(
            L1: alice
            L2: alice
            C2: s SELECT Sent
            U2: s OK ...
            C2: i IDLE
            S2: + idling
            C1: b APPEND Sent (\Seen) {6}
            S1: + Go ahead
            B1: A: one (\Flagged todo) "17-Jul-1996 02:44:25 -0700" {6}<CRLF>
            S1: + Go ahead
            B1: A: two {8+}<CRLF>A: three<CRLF>
            S1: b OK [APPENDUID ... 1:3] APPEND completed
            S2: * 3 EXISTS
            S2: * 3 RECENT
            C2: DONE
            S2: i OK ...
            C2: f FETCH 1:3 (FLAGS BODY.PEEK[] INTERNALDATE)
            S2: * 1 FETCH (FLAGS (\Seen \Recent) BODY[] {6}
            S2: A: one INTERNALDATE ...
            S2: * 2 FETCH (FLAGS (\Flagged todo \Recent) BODY[] {6}
            S2: A: two INTERNALDATE "17-Jul-1996 09:44:25 +0000")
            S2: * 3 FETCH (FLAGS (\Recent) BODY[] {8}
            S2: A: three INTERNALDATE ...
            S2: f OK ...
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// What was received before the last one is refused is taken back.
TEST(MultiAppend, NoneArriveWhenOneIsRefused) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND Sent {6+}
        B: A: one {6+}<CRLF>A: two {0+}<CRLF><CRLF>
        S: a NO [CANNOT] ...
        C: b NOOP
        S: b OK ...
        C: c STATUS Sent (MESSAGES UIDNEXT)
        S: * STATUS Sent (MESSAGES 0 UIDNEXT 1)
        S: c OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
