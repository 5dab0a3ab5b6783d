// Proofs of recent logins: what must not match, when it ends, how many there are.
#include "auth/login_cache.hpp"

#include <gtest/gtest.h>

namespace postern::auth {
namespace {

const std::string key(32, 'k');
constexpr MonotonicTime start{1'000};

Account cached_account(AccountId id, std::uint64_t version) {
    Account row;
    row.id = id;
    row.credential.version = version;
    return row;
}

TEST(LoginCache, KnowsOnlyTheVeryLoginThatSucceeded) {
    LoginCache cache(key);
    EXPECT_FALSE(cache.knows(cached_account(1, 1), "secret", start));
    cache.remember(cached_account(1, 1), "secret", start);
    EXPECT_TRUE(cache.knows(cached_account(1, 1), "secret", start));
    EXPECT_FALSE(cache.knows(cached_account(1, 1), "Secret", start));
    EXPECT_FALSE(cache.knows(cached_account(1, 1), "", start));
    EXPECT_FALSE(cache.knows(cached_account(1, 1), "secret ", start));
    EXPECT_FALSE(cache.knows(cached_account(2, 1), "secret", start));
    EXPECT_FALSE(cache.knows(cached_account(1, 2), "secret", start));  // the password was changed
    EXPECT_FALSE(cache.knows(cached_account(256, 1), "secret", start));
}

TEST(LoginCache, ForgetsAtTheEndOfTheLifetimeWhateverTheUse) {
    LoginCache cache(key, 10, minutes(1));
    cache.remember(cached_account(1, 1), "secret", start);
    EXPECT_TRUE(cache.knows(cached_account(1, 1), "secret", start + seconds(59)));
    cache.remember(cached_account(1, 1), "secret", start + seconds(59));  // does not prolong it
    EXPECT_FALSE(cache.knows(cached_account(1, 1), "secret", start + minutes(1)));
    EXPECT_EQ(cache.size(), 0u);
    cache.remember(cached_account(1, 1), "secret", start + minutes(1));
    EXPECT_TRUE(cache.knows(cached_account(1, 1), "secret", start + seconds(119)));
}

TEST(LoginCache, IsBounded) {
    LoginCache cache(key, 3, minutes(1));
    for (AccountId id = 1; id <= 4; ++id) cache.remember(cached_account(id, 1), "secret", start);
    EXPECT_EQ(cache.size(), 3u);
    EXPECT_FALSE(cache.knows(cached_account(1, 1), "secret", start));
    for (AccountId id = 2; id <= 4; ++id) {
        EXPECT_TRUE(cache.knows(cached_account(id, 1), "secret", start));
    }
    LoginCache none(key, 0);
    none.remember(cached_account(1, 1), "secret", start);
    EXPECT_EQ(none.size(), 0u);
}

TEST(LoginCache, SwitchedByTheCredentialOfANewSnapshot) {
    LoginCache cache(key);
    cache.remember(cached_account(7, 3), "old", start);
    const Account changed = cached_account(7, 4);
    EXPECT_FALSE(cache.knows(changed, "old", start));
    cache.remember(changed, "new", start);
    EXPECT_TRUE(cache.knows(changed, "new", start));
    EXPECT_FALSE(cache.knows(changed, "old", start));
}

}  // namespace
}  // namespace postern::auth
