// UNAUTHENTICATE: one connection, one user after the other. RFC 8437.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Unauthenticate, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a UNAUTHENTICATE
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK ...
        C: a UNAUTHENTICATE x
        S: a BAD Unexpected extra arguments
    )");
}

// RFC 8437 §4: nothing of the first user is left, what ENABLE switched on neither.
TEST(Unauthenticate, TheNextUserBeginsAnew) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 3;
        Bed bed(options);
        bed.deliver("alice", simple_message("one"));
        bed.deliver("bob", simple_message("one"));
        bed.play(R"(
            L: alice
            C: a ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: a OK ...
            C: b SELECT INBOX
            U: b OK ...
            C: c UNAUTHENTICATE
            S: c OK UNAUTHENTICATE completed
            C: d NOOP
            S: d OK ...
            C: e FETCH 1 FLAGS
            S: e BAD Command not allowed now
            C: f LOGIN bob secret
            S: f OK [CAPABILITY ...
            C: g SELECT INBOX
            U: g OK ...
            C: h STORE 1 +FLAGS.SILENT (\Deleted)
            S: h OK ...
            C: i EXPUNGE
            S: * 1 EXPUNGE
            S: i OK EXPUNGE completed
            C: j UNAUTHENTICATE
            S: j OK ...
            C: k LOGIN alice secret
            S: k OK ...
            C: l STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 1)
            S: l OK ...
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace postern::imap
