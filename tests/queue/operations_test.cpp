// What the administrator does with entries: waiting, held and active ones.
#include "queue/operations.hpp"

#include "queue/fixture.hpp"

namespace postern::queue {
namespace {

class OperationsTest : public QueueTest {
 protected:
    // Two entries that nobody takes just now.
    OperationsTest() {
        script.answer = [](const Asked& asked) {
            return everybody(asked.recipients.size(), Outcome::deferred, "4.2.0", "450 later");
        };
        EXPECT_TRUE(accept(to({"bob@remote.test", "dan@remote.test"})));
        EXPECT_TRUE(accept(to({"carol@other.test"}, "")));
        run_for(seconds(20));
        script.asked.clear();
    }
    std::vector<EntryView> list(Selection selection) {
        return run_on(0, as_value(list_entries(queue.get(), std::move(selection))));
    }
    std::uint64_t operate(Operation operation, Selection selection) {
        const auto outcome = run_on(
            0, as_value(queue::operate(queue.get(), operation, std::move(selection), "a reason")));
        EXPECT_EQ(outcome.failed, 0u);
        return outcome.matched;
    }
    template <class T>
    static engine::task<T> as_value(engine::task<T> work) {
        co_return co_await std::move(work);
    }
    static Selection everything() {
        Selection selection;
        selection.everything = true;
        return selection;
    }
    static Selection in_domain(std::string domain) {
        Selection selection;
        selection.domain = std::move(domain);
        return selection;
    }
};

TEST_F(OperationsTest, NothingSelectedIsNothingDone) {
    EXPECT_TRUE(list({}).empty());
    EXPECT_EQ(operate(Operation::remove, {}), 0u);
    Selection unknown;
    unknown.ids = {42};
    EXPECT_EQ(operate(Operation::bounce, unknown), 0u);
    EXPECT_EQ(operate(Operation::hold, in_domain("nowhere.test")), 0u);
    EXPECT_EQ(counters().entries, 2u);
}

TEST_F(OperationsTest, SelectsBySenderRecipientAndDomain) {
    Selection selection;
    selection.sender = "ALICE@here.test";
    ASSERT_EQ(list(selection).size(), 1u);
    selection.sender = "<>";
    ASSERT_EQ(list(selection).size(), 1u);
    EXPECT_EQ(list(selection)[0].stored.envelope.recipients[0].address, "carol@other.test");
    selection.domain = "remote.test";
    EXPECT_TRUE(list(selection).empty());
    EXPECT_EQ(list(in_domain("Remote.Test")).size(), 1u);
    Selection recipient;
    recipient.recipient = "dan@remote.test";
    EXPECT_EQ(list(recipient).size(), 1u);
    Selection one;
    one.ids = {list(recipient)[0].id};
    const auto views = list(one);
    ASSERT_EQ(views.size(), 1u);
    EXPECT_EQ(views[0].state, EntryState::waiting);
    EXPECT_GT(views[0].next_attempt_s, views[0].stored.envelope.arrived_s);
    EXPECT_EQ(views[0].stored.last_words[1].reply, "450 later");
    EXPECT_EQ(list(everything()).size(), 2u);
}

TEST_F(OperationsTest, HeldUntilReleased) {
    EXPECT_EQ(operate(Operation::hold, everything()), 2u);
    restart();
    run_for(minutes(60));
    EXPECT_TRUE(script.asked.empty());
    EXPECT_EQ(list(everything())[0].state, EntryState::held);
    EXPECT_EQ(list(everything())[0].stored.hold_reason, "a reason");
    script.answer = Script{}.answer;
    EXPECT_EQ(operate(Operation::release, everything()), 2u);
    EXPECT_TRUE(run_empty(seconds(10)));
}

TEST_F(OperationsTest, RetryIsNow) {
    EXPECT_EQ(operate(Operation::retry, everything()), 2u);
    run_for(seconds(2));
    EXPECT_EQ(script.asked.size(), 2u);
}

TEST_F(OperationsTest, DeletedWithoutAWord) {
    EXPECT_EQ(operate(Operation::remove, in_domain("remote.test")), 1u);
    EXPECT_EQ(files().size(), 2u);
    EXPECT_TRUE(inbox().empty());
}

TEST_F(OperationsTest, BouncedNow) {
    EXPECT_EQ(operate(Operation::bounce, everything()), 2u);
    EXPECT_TRUE(run_empty(seconds(10)));
    EXPECT_EQ(inbox().size(), 1u);  // the other has the null sender
    EXPECT_TRUE(files().empty());
}

TEST_F(OperationsTest, ActiveEntriesAreDealtWithAfterwards) {
    script.takes = minutes(1);
    EXPECT_EQ(operate(Operation::retry, everything()), 2u);
    run_for(seconds(1));
    EXPECT_EQ(list(everything())[0].state, EntryState::active);
    EXPECT_EQ(operate(Operation::hold, in_domain("remote.test")), 1u);
    EXPECT_EQ(operate(Operation::remove, in_domain("other.test")), 1u);
    EXPECT_EQ(counters().entries, 2u);
    run_for(minutes(2));
    const auto views = list(everything());
    ASSERT_EQ(views.size(), 1u);
    EXPECT_EQ(views[0].state, EntryState::held);
}

TEST_F(OperationsTest, SuspendedDestinationsWait) {
    const auto set = [&](std::string key, Suspension what) {
        return run_on(0, as_value(set_suspension(queue.get(), std::move(key), what)));
    };
    EXPECT_FALSE(set("remote.test", Suspension::suspend));
    EXPECT_TRUE(set("mx:remote.test", Suspension::suspend));
    operate(Operation::retry, everything());
    run_for(seconds(2));
    ASSERT_EQ(script.asked.size(), 1u);
    EXPECT_EQ(script.asked[0].route_key, "mx:other.test");
    const auto all = run_on(0, as_value(list_destinations(queue.get())));
    ASSERT_EQ(all.size(), 2u);
    EXPECT_TRUE(all[1].is_suspended);
    EXPECT_TRUE(set("mx:remote.test", Suspension::resume));
    run_for(seconds(2));
    EXPECT_EQ(script.asked.size(), 2u);
}

TEST_F(OperationsTest, SuspensionsOutliveAPowerCut) {
    const auto set = [&](std::string key, Suspension what) {
        return run_on(0, as_value(set_suspension(queue.get(), std::move(key), what)));
    };
    ASSERT_TRUE(set("mx:remote.test", Suspension::suspend));
    ASSERT_TRUE(set("mx:other.test", Suspension::suspend));
    ASSERT_TRUE(set("mx:other.test", Suspension::resume));
    crash(true);
    start();
    const auto is_suspended = [&](const std::string& key) {
        const auto all = run_on(0, as_value(list_destinations(queue.get())));
        const auto at = std::ranges::find(all, key, &DestinationStatus::key);
        return at != all.end() && at->is_suspended;
    };
    EXPECT_TRUE(is_suspended("mx:remote.test"));
    EXPECT_FALSE(is_suspended("mx:other.test"));
    operate(Operation::retry, everything());
    run_for(minutes(1));
    for (const Asked& asked : script.asked) EXPECT_NE(asked.route_key, "mx:remote.test");
}

TEST_F(OperationsTest, ADestinationThatCannotBeReachedIsRemembered) {
    script.answer = [](const Asked& asked) {
        auto report = everybody(asked.recipients.size(), Outcome::deferred, "4.4.1");
        report.recipients[0].explanation = "Connection refused";
        report.destination = DestinationVerdict::unreachable;
        return report;
    };
    operate(Operation::retry, everything());
    run_for(seconds(2));
    const auto before = run_on(0, as_value(list_destinations(queue.get())));
    restart();
    const auto after = run_on(0, as_value(list_destinations(queue.get())));
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
        EXPECT_EQ(after[i].failures, 1u);
        EXPECT_EQ(after[i].blocked_until_s, before[i].blocked_until_s);
        EXPECT_EQ(after[i].last_problem, "Connection refused");
    }
    script.asked.clear();
    EXPECT_TRUE(accept(to({"eve@remote.test"})));
    run_for(seconds(30));
    EXPECT_TRUE(script.asked.empty()) << "new mail waits with the rest";
}

}  // namespace
}  // namespace postern::queue
