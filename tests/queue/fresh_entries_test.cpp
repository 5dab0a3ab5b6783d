// Entries that come by the journal: what has no files and when it gets them, what a power cut, an
// orderly end and a full journal leave of them. Bad luck first.
#include "queue/fresh_entries.hpp"

#include "queue/fixture.hpp"
#include "queue/operations.hpp"
#include "queue/test_faults.hpp"
#include "store/journal.hpp"

namespace postern::queue {
namespace {

class FreshEntriesTest : public QueueTest {
 protected:
    FreshEntriesTest() { begin(); }

    // From then on the journal is there.
    void begin() {
        EXPECT_TRUE(accept(to({"first@remote.test"})));
        EXPECT_TRUE(run_empty());
        run_for(seconds(5));
        script.asked.clear();
    }
    void with_journal_of(std::size_t bytes) {
        stop();
        journal_bytes = bytes;
        start();
        begin();
    }
    void cut_and_start() {
        crash(true);
        start();
    }
    void nobody_takes_it() {
        script.answer = [](const Asked& asked) {
            return everybody(asked.recipients.size(), Outcome::deferred, "4.2.0", "450 later");
        };
    }
    // The records that a start would look at.
    std::size_t records_in_journals() {
        std::size_t count = 0;
        for (const char* name : {"0-a", "0-b", "1-a", "1-b"}) {
            const std::string path = std::string("/data/journal/") + name;
            const auto bytes = run_on(0, engine::read_file(path, store::journal_read_bytes_max));
            if (bytes) count += store::parse_journal(*bytes).size();
        }
        return count;
    }
};

TEST_F(FreshEntriesTest, APowerCutDuringTheAttemptCostsNothing) {
    script.takes = minutes(60);
    ASSERT_TRUE(accept(to({"a@remote.test"}), "Subject: a\r\n\r\none\r\n"));
    ASSERT_TRUE(accept(to({"b@other.test"}, ""), "Subject: b\r\n\r\ntwo\r\n"));
    run_for(seconds(5));
    EXPECT_TRUE(files().empty());
    for (int cuts = 0; cuts < 3; ++cuts) {
        crash(cuts != 1);
        script.takes = cuts == 2 ? milliseconds(5) : minutes(60);
        start();
    }
    ASSERT_TRUE(run_empty());
    ASSERT_EQ(script.asked.size(), 2u);
    std::ranges::sort(script.asked, {}, &Asked::route_key);
    EXPECT_EQ(script.asked[0].content, "Subject: b\r\n\r\ntwo\r\n");
    EXPECT_EQ(script.asked[1].content, "Subject: a\r\n\r\none\r\n");
    EXPECT_EQ(script.asked[1].sender, "alice@here.test");
    EXPECT_TRUE(files().empty());
}

TEST_F(FreshEntriesTest, WhatHasLeftDoesNotComeBack) {
    ASSERT_TRUE(accept(to({"a@remote.test"})));
    ASSERT_TRUE(run_empty());
    run_for(seconds(2));
    cut_and_start();
    run_for(minutes(5));
    EXPECT_EQ(script.asked.size(), 1u);
}

// The seeded bug of the simulator shows here, too.
TEST_F(FreshEntriesTest, AForgottenCancelIsADuplicate) {
    test_faults.forget_cancel = true;
    ASSERT_TRUE(accept(to({"a@remote.test"})));
    ASSERT_TRUE(run_empty());
    run_for(seconds(2));
    cut_and_start();
    test_faults.forget_cancel = false;
    run_for(minutes(5));
    EXPECT_EQ(script.asked.size(), 2u);
}

TEST_F(FreshEntriesTest, APartialOutcomeIsKept) {
    script.answer = [](const Asked& asked) {
        AttemptReport report = everybody(asked.recipients.size(), Outcome::delivered);
        if (asked.recipients.size() > 1) report.recipients[1].outcome = Outcome::deferred;
        return report;
    };
    ASSERT_TRUE(accept(to({"a@remote.test", "b@remote.test"})));
    run_for(seconds(5));
    EXPECT_EQ(files().size(), 2u);
    cut_and_start();
    ASSERT_TRUE(run_empty(minutes(60)));
    ASSERT_EQ(script.asked.size(), 2u);
    EXPECT_EQ(script.asked[1].recipients, std::vector<std::string>{"b@remote.test"});
}

TEST_F(FreshEntriesTest, AFailureIsToldOnceWhateverThePower) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::failed, "5.1.1", "550 no such user");
    };
    ASSERT_TRUE(accept(to({"a@remote.test"})));
    ASSERT_TRUE(run_empty());
    run_for(seconds(2));
    cut_and_start();
    run_for(minutes(5));
    ASSERT_EQ(inbox().size(), 1u);
    EXPECT_NE(inbox()[0].find("550 no such user"), std::string::npos);
    EXPECT_NE(inbox()[0].find("hello"), std::string::npos);
}

TEST_F(FreshEntriesTest, WhatIsDeferredHasFilesAndWaits) {
    nobody_takes_it();
    ASSERT_TRUE(accept(to({"a@remote.test"})));
    run_for(seconds(5));
    EXPECT_EQ(files().size(), 2u);
    cut_and_start();
    script.answer = Script{}.answer;
    ASSERT_TRUE(run_empty(minutes(60)));
    EXPECT_EQ(script.asked.back().content, "Subject: x\r\n\r\nhello\r\n");
    EXPECT_TRUE(files().empty());
}

TEST_F(FreshEntriesTest, MoreThanTheJournalsHoldIsKeptToo) {
    with_journal_of(16 * 1024);
    script.takes = minutes(600);
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(accept(to({"a@" + std::to_string(i % 7) + ".test"}), std::to_string(i)));
    }
    EXPECT_GT(files().size(), 400u);
    cut_and_start();
    script.takes = milliseconds(5);
    script.asked.clear();
    restart();
    ASSERT_TRUE(run_empty(minutes(10)));
    std::set<std::string> seen;
    for (const Asked& asked : script.asked) seen.insert(asked.content);
    EXPECT_EQ(script.asked.size(), 300u);
    EXPECT_EQ(seen.size(), 300u);
}

// A disk that takes no more files delays who hands in, and loses nothing.
TEST_F(FreshEntriesTest, AFullDiskLosesNothing) {
    with_journal_of(16 * 1024);
    script.takes = minutes(600);
    world.plan().faults.no_space = 1;
    unsigned accepted = 0;
    for (int i = 0; i < 300; ++i) {
        accepted += bool(accept(to({"a@remote.test"}), std::to_string(i)));
    }
    EXPECT_GT(accepted, 50u);
    EXPECT_LT(accepted, 300u);
    world.plan().faults = {};
    run_for(minutes(2));
    crash(true);
    script.takes = milliseconds(5);
    start();
    ASSERT_TRUE(run_empty(minutes(10)));
    EXPECT_EQ(script.asked.size(), accepted);
}

TEST_F(FreshEntriesTest, WithoutRoomOnTheDiskItHasFilesAtOnce) {
    world.plan().disk_bytes = machine.disk().used_bytes() + 1'000'000;
    with_journal_of(32 * 1024);
    script.takes = minutes(60);
    ASSERT_TRUE(accept(to({"a@remote.test"})));
    EXPECT_EQ(files().size(), 2u);
}

TEST_F(FreshEntriesTest, AnOrderlyEndLeavesNothingInTheJournal) {
    nobody_takes_it();
    ASSERT_TRUE(accept(to({"a@remote.test"})));
    script.takes = minutes(60);
    ASSERT_TRUE(accept(to({"b@other.test"})));
    run_for(seconds(5));
    EXPECT_GT(records_in_journals(), 0u);
    stop();
    machine.boot();
    EXPECT_EQ(records_in_journals(), 0u);
    machine.shut_down();
    script = {};
    start();
    EXPECT_EQ(files().size(), 2u);  // the other has been tried again already
    ASSERT_TRUE(run_empty(minutes(60)));
    EXPECT_EQ(script.asked.size(), 2u);
}

TEST_F(FreshEntriesTest, WhatTheAdministratorHoldsOrDeletesStaysSo) {
    script.takes = minutes(60);
    auto held = to({"a@remote.test"});
    held.hold_reason = "too much";
    ASSERT_TRUE(accept(held));
    auto deleted = to({"b@remote.test"});
    deleted.hold_reason = "too much";
    ASSERT_TRUE(accept(deleted));
    EXPECT_TRUE(files().empty());
    Selection of_b;
    of_b.recipient = "b@remote.test";
    const auto done = run_on(0, operate(queue.get(), Operation::remove, of_b, ""));
    EXPECT_EQ(done.matched, 1u);
    EXPECT_EQ(done.failed, 0u);
    cut_and_start();
    run_for(minutes(5));
    Selection all;
    all.everything = true;
    const auto views = run_on(0, list_entries(queue.get(), all));
    ASSERT_EQ(views.size(), 1u);
    EXPECT_EQ(views[0].state, EntryState::held);
    EXPECT_EQ(views[0].stored.hold_reason, "too much");
    EXPECT_EQ(views[0].stored.envelope.recipients[0].address, "a@remote.test");
    EXPECT_TRUE(script.asked.empty());
}

// What is in memory is what its file would say.
TEST_F(FreshEntriesTest, IsTheSameFromMemoryAndFromItsFile) {
    auto submission = to({"a@remote.test", "b@remote.test"});
    submission.envelope.envelope_id = "QQ314159";
    submission.envelope.priority = 3;
    submission.hold_reason = "to be looked at";
    ASSERT_TRUE(accept(submission));
    Selection all;
    all.everything = true;
    const auto before = run_on(0, list_entries(queue.get(), all));
    EXPECT_TRUE(files().empty());
    restart();
    EXPECT_EQ(files().size(), 2u);
    const auto after = run_on(0, list_entries(queue.get(), all));
    ASSERT_EQ(before.size(), 1u);
    ASSERT_EQ(after.size(), 1u);
    EXPECT_EQ(before[0].stored.envelope, after[0].stored.envelope);
    EXPECT_EQ(before[0].stored.last_words, after[0].stored.last_words);
    EXPECT_EQ(before[0].stored.hold_reason, after[0].stored.hold_reason);
    EXPECT_EQ(before[0].stored.valid_bytes, after[0].stored.valid_bytes);
    EXPECT_EQ(before[0].stored.chain, after[0].stored.chain);
}

}  // namespace
}  // namespace postern::queue
