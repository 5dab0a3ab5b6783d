// Proofs of recent logins: what must not match, when it ends, how many there are.
#include "auth/login_cache.hpp"

#include <gtest/gtest.h>

namespace postern::auth {
namespace {

const std::string key(32, 'k');
constexpr MonotonicTime start{1'000};

Account account(AccountId id, std::uint64_t version) {
    Account row;
    row.id = id;
    row.credential.version = version;
    return row;
}

TEST(LoginCache, KnowsOnlyTheVeryLoginThatSucceeded) {
    LoginCache cache(key);
    EXPECT_FALSE(cache.knows(account(1, 1), "secret", start));
    cache.remember(account(1, 1), "secret", start);
    EXPECT_TRUE(cache.knows(account(1, 1), "secret", start));
    EXPECT_FALSE(cache.knows(account(1, 1), "Secret", start));
    EXPECT_FALSE(cache.knows(account(1, 1), "", start));
    EXPECT_FALSE(cache.knows(account(1, 1), "secret ", start));
    EXPECT_FALSE(cache.knows(account(2, 1), "secret", start));
    EXPECT_FALSE(cache.knows(account(1, 2), "secret", start));  // the password was changed
    EXPECT_FALSE(cache.knows(account(256, 1), "secret", start));
}

TEST(LoginCache, ForgetsAtTheEndOfTheLifetimeWhateverTheUse) {
    LoginCache cache(key, 10, minutes(1));
    cache.remember(account(1, 1), "secret", start);
    EXPECT_TRUE(cache.knows(account(1, 1), "secret", start + seconds(59)));
    cache.remember(account(1, 1), "secret", start + seconds(59));  // does not prolong it
    EXPECT_FALSE(cache.knows(account(1, 1), "secret", start + minutes(1)));
    EXPECT_EQ(cache.size(), 0u);
    cache.remember(account(1, 1), "secret", start + minutes(1));
    EXPECT_TRUE(cache.knows(account(1, 1), "secret", start + seconds(119)));
}

TEST(LoginCache, IsBounded) {
    LoginCache cache(key, 3, minutes(1));
    for (AccountId id = 1; id <= 4; ++id) cache.remember(account(id, 1), "secret", start);
    EXPECT_EQ(cache.size(), 3u);
    EXPECT_FALSE(cache.knows(account(1, 1), "secret", start));
    for (AccountId id = 2; id <= 4; ++id) {
        EXPECT_TRUE(cache.knows(account(id, 1), "secret", start));
    }
    LoginCache none(key, 0);
    none.remember(account(1, 1), "secret", start);
    EXPECT_EQ(none.size(), 0u);
}

TEST(LoginCache, SwitchedByTheCredentialOfANewSnapshot) {
    LoginCache cache(key);
    cache.remember(account(7, 3), "old", start);
    const Account changed = account(7, 4);
    EXPECT_FALSE(cache.knows(changed, "old", start));
    cache.remember(changed, "new", start);
    EXPECT_TRUE(cache.knows(changed, "new", start));
    EXPECT_FALSE(cache.knows(changed, "old", start));
}

}  // namespace
}  // namespace postern::auth
