// QUOTASET (RFC 9208 §4.1.3): an administrator sets what an account may hold.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 9208 §4.1.3: "even resource limits not explicitly listed" are discarded. The account lives on
// another shard than its administrator.
TEST(QuotaSet, AnAdministratorSetsThem) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 3;
        Bed bed(options);
        bed.deliver("bob", simple_message("one"));
        bed.play(R"(
            L: dave
            C: a SETQUOTA bob@example.test (STORAGE 10 MESSAGE 3)
            S: * QUOTA bob@example.test (STORAGE 1 10 MESSAGE 1 3)
            S: a OK SETQUOTA completed
            C: b SETQUOTA bob@example.test (message 2)
            S: * QUOTA bob@example.test (MESSAGE 1 2)
            S: b OK SETQUOTA completed
            C: c GETQUOTA bob@example.test
            S: * QUOTA bob@example.test (MESSAGE 1 2)
            S: c OK GETQUOTA completed
            C: d SETQUOTA bob@example.test (MAILBOX 2)
            S: d NO [CANNOT] Such a limit cannot be set
            C: e SETQUOTA bob@example.test (MESSAGE 0)
            S: e NO [CANNOT] Such a limit cannot be set
            C: f SETQUOTA bob@example.test (STORAGE 9223372036854775807)
            S: f NO [CANNOT] Such a limit cannot be set
            C: g SETQUOTA nobody@example.test (STORAGE 1)
            S: g NO [NONEXISTENT] No such quota root
            L2: bob
            C2: a APPEND INBOX {5+}
            C2: A: b
            S2: a OK [APPENDUID ...
            C2: b APPEND INBOX {5}
            S2: b NO [OVERQUOTA] Over quota
            C: h SETQUOTA bob@example.test ()
            S: * QUOTA bob@example.test ()
            S: h OK SETQUOTA completed
            C2: c APPEND INBOX {5+}
            C2: A: b
            S2: c OK [APPENDUID ...
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace postern::imap
