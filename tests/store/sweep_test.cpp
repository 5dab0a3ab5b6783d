// What POP3 has read goes after its time though nobody logs in; what it has not read stays.
#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

class SweepTest : public StoreTest {
 protected:
    void keep_for(std::optional<std::uint32_t> days) {
        machine.enter(home(), [&] {
            store->set_rules([days](std::string_view) {
                AccountRules rules;
                rules.pop3_retention_days = days;
                return rules;
            });
            store->set_accounts([] { return std::vector<std::string>{alice, "example.test/x"}; });
        });
    }
    void pass_days(std::int64_t days) { world.run_for(seconds(days * 86'400)); }
    void sweep() { run_on(home(), store->sweep()); }
    engine::task<Result<void>> read_by_pop3(std::vector<std::size_t> numbers) {
        auto account = co_await engine::try_(store->open_account(alice));
        auto drop = co_await engine::try_(account->open_drop(std::nullopt));
        for (std::size_t number : numbers) drop->note_retrieved(drop->items()[number - 1]);
        co_return co_await drop->update({});
    }
};

TEST_F(SweepTest, OnlyWhatPop3HasReadAndOnlyAfterItsTime) {
    keep_for(7);
    for (int n = 1; n <= 4; ++n) ASSERT_TRUE(deliver(text_of(n)));
    ASSERT_TRUE(run(read_by_pop3({1, 3})));
    pass_days(2);
    ASSERT_TRUE(run(read_by_pop3({4})));
    // An IMAP session reads another one.
    auto inbox = open("INBOX");
    ASSERT_TRUE(run(inbox->set_flags({2}, FlagChange::add, {flag::seen, 0}, nullptr)));
    inbox.reset();
    restart();
    keep_for(7);
    pass_days(5);
    sweep();
    EXPECT_EQ(open("INBOX")->uids(), (std::vector<std::uint32_t>{1, 2, 3, 4}));
    pass_days(1);
    restart();
    keep_for(std::nullopt);
    sweep();
    EXPECT_EQ(open("INBOX")->uids().size(), 4u);
    keep_for(7);
    sweep();
    EXPECT_EQ(open("INBOX")->uids(), (std::vector<std::uint32_t>{2, 4}));
    pass_days(30);
    sweep();
    EXPECT_EQ(open("INBOX")->uids(), std::vector<std::uint32_t>{2});
    check();
}

// A POP3 session that has the maildrop is not surprised; who comes while it is swept waits.
TEST_F(SweepTest, NotUnderASession) {
    keep_for(1);
    for (int n = 1; n <= 2; ++n) ASSERT_TRUE(deliver(text_of(n)));
    ASSERT_TRUE(run(read_by_pop3({1})));
    pass_days(3);
    std::unique_ptr<Drop> drop = *run(open().open_drop(std::nullopt));
    sweep();
    EXPECT_EQ(open("INBOX")->uids().size(), 2u);
    machine.enter(home(), [&] { drop.reset(); });
    std::optional<Result<std::unique_ptr<Drop>>> second;
    machine.enter(home(), [&] { engine::Shard::current().root().spawn(store->sweep()); });
    machine.spawn(home(), keep_result(open().open_drop(std::nullopt), &second));
    ASSERT_TRUE(world.run_until([&] { return second.has_value(); }, world.now() + seconds(600)));
    EXPECT_TRUE(second->has_value());
    machine.enter(home(), [&] { second.reset(); });
    world.run_for(seconds(10));
    sweep();
    EXPECT_EQ(open("INBOX")->uids(), std::vector<std::uint32_t>{2});
    check();
}

}  // namespace
}  // namespace postern::store
