// What the accounts of a domain may hold together, on whichever shards they live.
#include "store/domain_quota.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"

namespace postern::store {
namespace {

const std::vector<std::string> people = {"example.test/alice", "example.test/bob",
                                         "example.test/carol", "example.test/dave"};

ErrorCode code(const Result<void>& outcome) {
    return outcome ? ErrorCode::closed : outcome.error().code;
}

class DomainQuotaTest : public StoreTest {
 protected:
    // Of example.test; elsewhere there is none.
    void limit(std::uint64_t bytes, std::uint64_t messages, std::size_t accounts = 4) {
        for (unsigned shard = 0; shard < machine.shard_count(); ++shard) {
            machine.enter(shard, [&] {
                store->set_rules([bytes, messages](std::string_view directory) {
                    AccountRules rules;
                    if (directory.starts_with("example.test/")) {
                        rules.domain_quota = {bytes, messages};
                    }
                    return rules;
                });
                store->set_accounts([accounts] {
                    std::vector<std::string> all(people.begin(),
                                                 people.begin() + std::ptrdiff_t(accounts));
                    all.push_back("other.test/eve");
                    return all;
                });
                store->rules_changed();
            });
        }
    }
    std::shared_ptr<Account> account_of(const std::string& directory) {
        return *run_on(store->home_shard_of(directory), store->open_account(directory));
    }
    std::shared_ptr<Mailbox> inbox_of(const std::string& directory) {
        unsigned home = store->home_shard_of(directory);
        return *run_on(home, account_of(directory)->open("INBOX"));
    }
    void remove(const std::string& directory, std::vector<std::uint32_t> uids) {
        unsigned home = store->home_shard_of(directory);
        ASSERT_TRUE(run_on(home, inbox_of(directory)->remove(std::move(uids))));
    }
};

TEST_F(DomainQuotaTest, LivesOnSeveralShards) {
    bool differ = false;
    for (const std::string& one : people) {
        differ = differ || store->home_shard_of(one) != store->home_shard_of(people[0]);
    }
    EXPECT_TRUE(differ);
}

TEST_F(DomainQuotaTest, AllTogetherAndNobodyElse) {
    ASSERT_TRUE(deliver(text_of(1), people[0]));
    limit(0, 3);
    ASSERT_TRUE(deliver(text_of(2), people[1]));
    ASSERT_TRUE(deliver(text_of(3), people[2]));
    for (const std::string& each : people) {
        EXPECT_EQ(code(deliver(text_of(4), each)), ErrorCode::over_quota) << each;
        EXPECT_EQ(code(run_on(0, store->check_quota(each, 1))), ErrorCode::over_quota) << each;
    }
    EXPECT_TRUE(deliver(text_of(4), "other.test/eve"));
    // Room that one makes is everybody's.
    remove(people[1], {1});
    world.run_for(seconds(1));
    EXPECT_EQ(code(run_on(1, store->check_quota(people[3], 1))), ErrorCode::closed);
    EXPECT_TRUE(deliver(text_of(5), people[3]));
    EXPECT_EQ(code(deliver(text_of(6), people[1])), ErrorCode::over_quota);
    limit(0, 0);
    EXPECT_TRUE(deliver(text_of(7), people[1]));
    limit(0, 4);
    EXPECT_EQ(code(deliver(text_of(8), people[0])), ErrorCode::over_quota);
    limit(0, 4, 3);  // dave has gone, and what he held
    EXPECT_TRUE(deliver(text_of(8), people[0]));
    EXPECT_EQ(code(deliver(text_of(9), people[0])), ErrorCode::over_quota);
    open();
    check();
}

TEST_F(DomainQuotaTest, ADeletedMailboxMakesRoom) {
    limit(10 * text_of(1).size(), 0);
    ASSERT_TRUE(run(open().create("Work")));
    for (int n = 0; n < 10; ++n) append(open("Work"), text_of(1));
    EXPECT_EQ(code(deliver(text_of(2), people[1])), ErrorCode::over_quota);
    ASSERT_TRUE(run(open().remove("Work")));
    world.run_for(seconds(1));
    EXPECT_TRUE(deliver(text_of(2), people[1]));
    UndeleteRequest all;
    auto refused = run(open().undelete(all));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::over_quota);
    remove(people[1], {1});
    world.run_for(seconds(1));
    EXPECT_EQ(run(open().undelete(all)).value_or(0), 10u);
    world.run_for(seconds(1));
    EXPECT_EQ(code(deliver(text_of(2), people[1])), ErrorCode::over_quota);
    open();
    check();
}

TEST_F(DomainQuotaTest, AHundredAtOnceDoNotPassIt) {
    constexpr std::size_t room = 23;
    limit(0, room);
    for (int round = 0; round < 3; ++round) {
        std::vector<std::optional<Result<void>>> slots(100);
        for (std::size_t i = 0; i < slots.size(); ++i) {
            std::vector<DeliveryTarget> targets(1);
            targets[0].account_directory = people[i % people.size()];
            machine.spawn(
                unsigned(i % 2),
                keep_result(deliver_task(store.get(), text_of(int(i)), targets), &slots[i]));
        }
        auto all_done = [&] {
            return std::all_of(slots.begin(), slots.end(), [](auto& s) { return s.has_value(); });
        };
        ASSERT_TRUE(world.run_until(all_done, world.now() + seconds(600)));
        std::size_t held = 0;
        for (const std::string& each : people) held += inbox_of(each)->status().messages;
        EXPECT_EQ(held, room);
        if (round == 0) restart(), limit(0, room);
        if (round != 1) continue;
        // Claims that were refused or settled leave nothing behind.
        for (const std::string& each : people) remove(each, inbox_of(each)->uids());
        world.run_for(seconds(1));
    }
    open();
    check();
}

}  // namespace
}  // namespace postern::store
