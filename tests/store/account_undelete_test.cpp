// Expunged mail that can still be had back, and checking and repairing an account.
#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/limits.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

class UndeleteTest : public StoreTest {
 protected:
    void SetUp() override {
        open();
        for (int n = 1; n <= 4; ++n) ASSERT_TRUE(deliver(text_of(n)));
    }
    std::size_t kept() {
        std::size_t count = 0;
        for (const std::string& path : machine.disk().tree()) {
            count += path.find("/postern.expunged/") != std::string::npos &&
                     path.find(",U=") != std::string::npos;
        }
        return count;
    }
    std::uint32_t undelete(std::string mailbox = "", std::int64_t since_s = 0) {
        UndeleteRequest request;
        request.mailbox = std::move(mailbox);
        request.since_s = since_s;
        auto restored = run(open().undelete(std::move(request)));
        EXPECT_TRUE(restored);
        return restored.value_or(9999);
    }
    std::int64_t now_s() {
        std::int64_t now = 0;
        machine.enter(home(),
                      [&] { now = engine::Shard::current().kernel().wall_now().unix_seconds(); });
        return now;
    }
};

TEST_F(UndeleteTest, WhatWasExpungedComesBack) {
    auto inbox = open("INBOX");
    FlagSet flags =
        *run(inbox->resolve_flags({"$Label1", "\\Deleted", "\\Flagged"}, UnknownKeywords::create));
    ASSERT_TRUE(run(inbox->set_flags({2}, FlagChange::add, flags, nullptr)));
    auto view = select(inbox, Access::read_write);
    ASSERT_EQ(*run(inbox->expunge(inbox->uids())), std::vector<std::uint32_t>{2});
    ASSERT_TRUE(run(inbox->remove({3})));
    view->take_changes(Expunges::report);
    EXPECT_EQ(kept(), 2u);
    check();
    EXPECT_EQ(undelete("Sent"), 0u);
    EXPECT_EQ(undelete(), 2u);
    EXPECT_EQ(view->take_changes(Expunges::report).exists, 4u);
    EXPECT_EQ(inbox->uids(), (std::vector<std::uint32_t>{1, 4, 5, 6}));
    EXPECT_EQ(read(*inbox, 5), text_of(2));
    EXPECT_EQ(inbox->flag_names(inbox->find(5)->flags),
              (std::vector<std::string>{"\\Flagged", "$Label1"}));
    EXPECT_EQ(read(*inbox, 6), text_of(3));
    world.run_for(seconds(1));
    EXPECT_EQ(kept(), 0u);
    EXPECT_EQ(undelete(), 0u);
    check();
}

TEST_F(UndeleteTest, NotWhatWasMovedNorWhatIsTooOld) {
    auto inbox = open("INBOX");
    ASSERT_TRUE(run(inbox->move({1}, open("Sent"))));
    EXPECT_EQ(kept(), 0u);
    ASSERT_TRUE(run(inbox->remove({2})));
    world.run_for(seconds(100));
    std::int64_t since = now_s();
    ASSERT_TRUE(run(inbox->remove({3})));
    EXPECT_EQ(undelete("inbox", since), 1u);
    EXPECT_EQ(read(*inbox, inbox->uids().back()), text_of(3));
    check();
}

TEST_F(UndeleteTest, ADeletedMailboxComesBackAsItWas) {
    ASSERT_TRUE(run(open().create("Work/2024")));
    auto work = open("Work/2024");
    FlagSet flags = *run(work->resolve_flags({"$Label1", "\\Seen"}, UnknownKeywords::create));
    for (int n = 1; n <= 3; ++n) append(work, text_of(n), n == 2 ? flags : FlagSet{});
    append(work, text_of(9));
    ASSERT_TRUE(run(work->remove({4})));
    std::uint32_t uid_validity = work->status().uid_validity;
    work.reset();
    ASSERT_TRUE(run(open().remove("Work/2024")));
    EXPECT_FALSE(run(open().open("Work/2024")));
    restart();
    EXPECT_EQ(undelete("Sent"), 0u);
    EXPECT_EQ(undelete("Work/2024"), 4u);
    work = open("Work/2024");
    EXPECT_EQ(work->uids(), (std::vector<std::uint32_t>{1, 2, 3, 5}));
    EXPECT_EQ(work->status().uid_validity, uid_validity);
    EXPECT_EQ(work->flag_names(work->find(2)->flags),
              (std::vector<std::string>{"\\Seen", "$Label1"}));
    EXPECT_EQ(read(*work, 5), text_of(9));
    EXPECT_EQ(undelete(), 0u);
    check();
}

// Deleted, made again and deleted again: the newest is the mailbox, the older one joins it.
TEST_F(UndeleteTest, ADeletedMailboxJoinsTheOneThereIs) {
    for (int n = 1; n <= 2; ++n) {
        ASSERT_TRUE(run(open().create("Work")));
        auto work = open("Work");
        std::string keyword = "$Label" + std::to_string(n);
        FlagSet flags = *run(work->resolve_flags({"$Other", keyword}, UnknownKeywords::create));
        flags.keywords &= n == 1 ? 2 : 3;
        append(work, text_of(n), flags);
        work.reset();
        ASSERT_TRUE(run(open().flush()));
        ASSERT_TRUE(run(open().remove("Work")));
        world.run_for(seconds(5));
    }
    EXPECT_EQ(undelete(), 2u);
    auto work = open("Work");
    ASSERT_EQ(work->uids().size(), 2u);
    EXPECT_EQ(read(*work, 1), text_of(2));
    EXPECT_EQ(read(*work, 2), text_of(1));
    EXPECT_EQ(work->flag_names(work->find(2)->flags), (std::vector<std::string>{"$Label1"}));
    world.run_for(seconds(5));
    EXPECT_EQ(kept(), 0u);
    check();
}

TEST_F(UndeleteTest, ToInboxWhenTheMailboxIsNoMore) {
    ASSERT_TRUE(run(open().create("Work/2024")));
    append(open("Work/2024"), text_of(9));
    ASSERT_TRUE(run(open("Work/2024")->remove({1})));
    ASSERT_TRUE(run(open().rename("Work/2024", "Play")));
    EXPECT_EQ(undelete("Work/2024"), 1u);
    EXPECT_EQ(read(*open("INBOX"), 5), text_of(9));
    check();
}

TEST_F(UndeleteTest, AfterTheWindowItIsGoneAndNobodyNeedsToLogIn) {
    constexpr std::int64_t day_s = 86'400;
    ASSERT_TRUE(run(open().create("Work")));
    append(open("Work"), text_of(9));
    ASSERT_TRUE(run(open().remove("Work")));
    ASSERT_TRUE(run(open("INBOX")->remove({1})));
    world.run_for(seconds(3 * day_s));
    ASSERT_TRUE(run(open("INBOX")->remove({2})));
    restart();
    machine.enter(home(), [&] {
        store->set_accounts([] { return std::vector<std::string>{alice, "example.test/nobody"}; });
        engine::Shard::current().root().spawn(store->run_sweeps());
    });
    world.run_for(seconds(3 * day_s));
    EXPECT_EQ(kept(), 3u);
    world.run_for(seconds(2 * day_s));
    EXPECT_EQ(kept(), 1u);
    EXPECT_EQ(undelete(), 1u);
    world.run_for(seconds(20 * day_s));
    ASSERT_TRUE(run(open("INBOX")->remove({3})));
    EXPECT_EQ(kept(), 1u);
    check();
}

TEST_F(UndeleteTest, OutsideTheQuotaUntilItComesBack) {
    machine.enter(home(), [&] {
        store->set_rules([](std::string_view) {
            AccountRules rules;
            rules.quota.messages_max = 4;
            return rules;
        });
    });
    EXPECT_FALSE(deliver(text_of(5)));
    ASSERT_TRUE(run(open("INBOX")->remove({1})));
    EXPECT_TRUE(deliver(text_of(5)));
    auto refused = run(open().undelete({}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::over_quota);
    EXPECT_EQ(kept(), 1u);
    check();
}

TEST_F(UndeleteTest, CheckFindsAndRepairMends) {
    open("INBOX");
    ASSERT_TRUE(run(open().flush()));
    EXPECT_EQ(*run(open().check(Repair::no)), std::vector<std::string>{});
    put_file(alice_path("/") + index_file, "rubbish");
    put_file(alice_path("/new/1.foreign"), text_of(6));
    EXPECT_GE(run(open().check(Repair::no))->size(), 1u);
    EXPECT_EQ(*run(open().check(Repair::yes)), std::vector<std::string>{});
    EXPECT_EQ(open("INBOX")->uids().size(), 5u);
    check();
}

}  // namespace
}  // namespace postern::store
