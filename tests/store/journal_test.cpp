// The journal: its format cut and damaged anywhere, and what it promises of mail that came by it.
#include "store/journal.hpp"

#include <gtest/gtest.h>

#include <set>

#include "fixture.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

std::string padded(std::string record) {
    record.resize((record.size() + 7) / 8 * 8, '\0');
    return record;
}

std::string message_record(std::uint64_t epoch, std::uint64_t sequence, std::string_view content) {
    const std::string head = format_journal_message("accounts/a/b", "new/x");
    const std::string header =
        format_journal_header(JournalKind::message, epoch, sequence, head, content);
    return padded(header + head + std::string(content));
}

std::string cancel_record(std::uint64_t epoch, std::uint64_t sequence, std::uint64_t cancelled) {
    std::string payload;
    for (int i = 0; i < 8; ++i) payload.push_back(char(cancelled >> 8 * i & 0xff));
    return format_journal_header(JournalKind::cancel, epoch, sequence, payload, {}) + payload;
}

TEST(JournalRecords, NothingIsThere) {
    EXPECT_TRUE(parse_journal("").empty());
    EXPECT_TRUE(parse_journal(std::string(4096, '\0')).empty());
    EXPECT_TRUE(parse_journal("PPJ1").empty());
}

TEST(JournalRecords, ARowIsReadBack) {
    const std::string row = message_record(7, 10, "one") + message_record(7, 11, "") +
                            cancel_record(7, 12, 10) + std::string(100, '\0');
    const auto records = parse_journal(row);
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[0].sequence, 10u);
    EXPECT_EQ(records[0].directory, "accounts/a/b");
    EXPECT_EQ(records[0].name, "new/x");
    EXPECT_EQ(records[0].content, "one");
    EXPECT_EQ(records[1].content, "");
    EXPECT_EQ(records[2].kind, JournalKind::cancel);
    EXPECT_EQ(records[2].cancelled, std::vector<std::uint64_t>{10});
}

TEST(JournalRecords, APairIsReadBackAndNotWhenItIsCut) {
    const std::string head = format_journal_pair("queue/a/1.env", "envelope", "queue/a/1.msg");
    const std::string header = format_journal_header(JournalKind::pair, 7, 10, head, "message");
    const std::string row = padded(header + head + "message");
    const auto records = parse_journal(row);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].kind, JournalKind::pair);
    EXPECT_EQ(records[0].beside_path, "queue/a/1.env");
    EXPECT_EQ(records[0].beside, "envelope");
    EXPECT_EQ(records[0].path, "queue/a/1.msg");
    EXPECT_EQ(records[0].content, "message");
    for (std::size_t bytes = 0; bytes < head.size(); ++bytes) {
        const std::string cut = head.substr(0, bytes);
        const auto front = format_journal_header(JournalKind::pair, 7, 10, cut, {});
        const std::string damaged = padded(front + cut);
        EXPECT_TRUE(parse_journal(damaged).empty()) << bytes;
    }
}

TEST(JournalRecords, ARowEndsWhereAnotherUseOfTheFileBegins) {
    EXPECT_EQ(parse_journal(message_record(7, 10, "a") + message_record(8, 11, "b")).size(), 1u);
    EXPECT_EQ(parse_journal(message_record(7, 10, "a") + message_record(7, 12, "b")).size(), 1u);
    EXPECT_EQ(parse_journal(message_record(7, 10, "a") + message_record(7, 9, "b")).size(), 1u);
}

TEST(JournalRecords, ACutOrAWrongByteEndsTheRow) {
    const std::string first = message_record(7, 10, "first");
    const std::string row = first + message_record(7, 11, "second");
    for (std::size_t i = 0; i < row.size(); ++i) {
        std::string damaged = row;
        damaged[i] ^= 1;
        const std::size_t whole = parse_journal(damaged).size();
        const bool is_padding = whole == 2;
        if (!is_padding) {
            EXPECT_EQ(whole, i < first.size() ? 0u : 1u) << i;
        }
        EXPECT_LE(parse_journal(row.substr(0, i)).size(), i < first.size() ? 1u : 2u) << i;
    }
}

constexpr std::size_t small_journal = 16 * 1024;

class JournalTest : public StoreTest {
 protected:
    JournalTest() {
        stop();
        journal_bytes = small_journal;
        start();
        begin();
    }

    // From then on the journal is there.
    void begin() {
        EXPECT_TRUE(deliver(text_of(0)));
        world.run_for(seconds(1));
    }
    std::uint64_t syncs() const {
        std::uint64_t all = 0;
        for (unsigned i = 0; i < machine.shard_count(); ++i) {
            all += machine.kernel(i).counters().syncs;
        }
        return all;
    }
    void cut_and_start() {
        power_cut();
        start();
    }
    // The numbers of what is there, each whole.
    std::vector<int> numbers_in(const std::string& name) {
        std::vector<int> numbers;
        auto mailbox = open(name);
        for (std::uint32_t uid : mailbox->uids()) {
            const std::string text = read(*mailbox, uid);
            const std::size_t at = text.find("number ");
            numbers.push_back(at == text.npos ? -1 : std::atoi(text.c_str() + at + 7));
            EXPECT_EQ(text, text_of(numbers.back()));
        }
        return numbers;
    }
    Result<std::vector<std::uint32_t>> remove(std::uint32_t uid) {
        return run(open("INBOX")->remove({uid}));
    }
    std::string journal_path(std::string_view name) const {
        return std::string(data) + "/journal/" + std::to_string(home()) + std::string(name);
    }
};

TEST_F(JournalTest, AMessageCostsOneFlush) {
    ASSERT_TRUE(deliver(text_of(9)));  // the next after a start takes up the count of the quota
    const std::uint64_t before = syncs();
    ASSERT_TRUE(deliver(text_of(1)));
    EXPECT_EQ(syncs(), before + 1);
    append(open("INBOX"), text_of(2));
    EXPECT_EQ(syncs(), before + 2);
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 9, 1, 2}));
}

TEST_F(JournalTest, WhatArrivedIsThereAfterAPowerCut) {
    for (int n = 1; n < 5; ++n) ASSERT_TRUE(deliver(text_of(n)));
    for (int cuts = 0; cuts < 3; ++cuts) {
        cut_and_start();
        EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 1, 2, 3, 4}));
    }
    check();
}

TEST_F(JournalTest, MoreThanItHoldsIsThereToo) {
    std::vector<int> all{0};
    for (int n = 1; n < 400; ++n) {
        ASSERT_TRUE(deliver(text_of(n)));
        all.push_back(n);
    }
    cut_and_start();
    EXPECT_EQ(numbers_in("INBOX"), all);
}

TEST_F(JournalTest, WhatWasExpungedDoesNotComeBack) {
    for (int n = 1; n < 4; ++n) ASSERT_TRUE(deliver(text_of(n)));
    ASSERT_TRUE(remove(3));
    cut_and_start();
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 1, 3}));
}

// Its record is settled and the file that it is in not yet used again.
TEST_F(JournalTest, WhatIsExpungedAfterACheckpointDoesNotComeBackEither) {
    for (int n = 1; n < 100; ++n) ASSERT_TRUE(deliver(text_of(n)));
    world.run_for(seconds(1));
    for (std::uint32_t uid = 2; uid < 100; uid += 2) ASSERT_TRUE(remove(uid));
    cut_and_start();
    for (int n : numbers_in("INBOX")) EXPECT_TRUE(n == 99 || n % 2 == 0) << n;
}

TEST_F(JournalTest, WhatWasMovedIsWholeThereAndNotHere) {
    for (int n = 1; n < 4; ++n) ASSERT_TRUE(deliver(text_of(n)));
    ASSERT_TRUE(run(open("INBOX")->copy({2}, open("Archive"))));
    ASSERT_TRUE(run(open("INBOX")->move({3}, open("Archive"))));
    cut_and_start();
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 1, 3}));
    EXPECT_EQ(numbers_in("Archive"), (std::vector<int>{1, 2}));
}

TEST_F(JournalTest, WhatLiesInARenamedMailboxIsThere) {
    ASSERT_TRUE(run(open().create("Work")));
    append(open("Work"), text_of(1));
    append(open("Work"), text_of(2));
    ASSERT_TRUE(run(open().rename("Work", "Play")));
    ASSERT_TRUE(run(open().create("Work")));
    append(open("Play"), text_of(3));
    cut_and_start();
    EXPECT_EQ(numbers_in("Play"), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(numbers_in("Work"), std::vector<int>{});
}

TEST_F(JournalTest, AMailboxWithTheNameOfADeletedOneIsEmpty) {
    ASSERT_TRUE(run(open().create("Work")));
    append(open("Work"), text_of(1));
    append(open("Work"), text_of(2));
    ASSERT_TRUE(run(open().remove("Work")));
    ASSERT_TRUE(run(open().create("Work")));
    cut_and_start();
    EXPECT_EQ(numbers_in("Work"), std::vector<int>{});
}

TEST_F(JournalTest, AnUndeletedMessageIsWhole) {
    ASSERT_TRUE(deliver(text_of(1)));
    ASSERT_TRUE(remove(2));
    cut_and_start();
    UndeleteRequest all;
    EXPECT_EQ(run(open().undelete(all)).value_or(0), 1u);
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 1}));
}

TEST_F(JournalTest, AnOrderlyEndLeavesNothingInIt) {
    ASSERT_TRUE(deliver(text_of(1)));
    EXPECT_FALSE(parse_journal(*machine.disk().content(journal_path("-a"))).empty());
    restart();
    EXPECT_TRUE(parse_journal(*machine.disk().content(journal_path("-a"))).empty());
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 1}));
}

TEST_F(JournalTest, LargeMessagesGoByTheSpool) {
    const std::string text = text_of(1) + std::string(small_journal / 2, 'x') + "\r\n";
    ASSERT_TRUE(deliver(text));
    EXPECT_TRUE(parse_journal(*machine.disk().content(journal_path("-a"))).empty());
    cut_and_start();
    EXPECT_EQ(read(*open("INBOX"), 2), text);
}

// A failed flush may have lost what it should have written, and says so once.
TEST_F(JournalTest, AFailedCheckpointIsMadeGood) {
    std::vector<int> all{0};
    for (int n = 1; n < 300; ++n) {
        world.plan().faults.sync_eio = n % 40 < 3 ? 0.7 : 0;
        if (deliver(text_of(n))) all.push_back(n);
    }
    world.plan().heal();
    world.run_for(seconds(5));
    cut_and_start();
    const auto found = numbers_in("INBOX");
    for (int n : all) EXPECT_EQ(std::ranges::count(found, n), 1) << n;
}

// Where its removal is not certain, all of it may come back, but not a part.
TEST_F(JournalTest, WhatCouldNotBeMadeDoesNotComeBackInPart) {
    for (int n = 1; n < 200; ++n) {
        world.plan().faults.write_eio = world.plan().faults.short_write = 0.3;
        world.plan().faults.sync_eio = 0.4;
        const bool is_there = deliver(text_of(n)).has_value();
        world.plan().heal();
        if (n % 4 != 0 && !is_there) cut_and_start();
        const auto found = numbers_in("INBOX");
        EXPECT_EQ(std::ranges::count(found, -1), 0) << n;
        EXPECT_TRUE(!is_there || std::ranges::count(found, n) == 1) << n;
    }
    check();
}

// What a failed write may have left is cancelled by the next one that works, and only by that one.
TEST_F(JournalTest, AFailedWriteIsCancelledOnce) {
    world.plan().faults.sync_eio = 1;
    ASSERT_FALSE(deliver(text_of(1)));
    world.plan().heal();
    for (int n = 2; n < 6; ++n) ASSERT_TRUE(deliver(text_of(n)));
    std::multiset<std::uint64_t> cancelled;
    for (const char* name : {"-a", "-b"}) {
        for (const JournalRecord& record :
             parse_journal(*machine.disk().content(journal_path(name)))) {
            cancelled.insert(record.cancelled.begin(), record.cancelled.end());
        }
    }
    EXPECT_EQ(cancelled.size(), 1u);
    cut_and_start();
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 2, 3, 4, 5}));
}

engine::task<void> record_often(Journal* journal, int who, int count, unsigned* recorded) {
    for (int n = 0; n < count; ++n) {
        auto slept = co_await engine::sleep_until(engine::Shard::current().kernel().now() +
                                                  milliseconds(n == 0 ? who : 1 + who % 3));
        const std::string name = std::to_string(who) + "-" + std::to_string(n);
        auto entry = co_await journal->record(std::string(data) + "/accounts/a/new/" + name, name);
        if (!slept || !entry) co_return;
        journal->placed(*entry);
        ++*recorded;
    }
}

// Each comes back a moment after it was answered: it does not miss the next flush by that. Without
// the waiting there are two flushes for each time that all have been served.
TEST_F(JournalTest, OnASlowDiskThoseWhoComeBackShareTheNextFlush) {
    world.plan().file = {milliseconds(10), milliseconds(10), milliseconds(10), 0};
    const std::uint64_t before = syncs();
    unsigned recorded = 0;
    constexpr unsigned count = 20;
    for (int who = 0; who < 8; ++who) {
        machine.spawn(home(), record_often(&store->journal(home()), who, count, &recorded));
    }
    world.run_for(seconds(60));
    EXPECT_EQ(recorded, 8 * count);
    EXPECT_LE(syncs() - before, count + 4);
}

engine::task<void> settle_once(Journal* journal, unsigned* settled) {
    auto done = co_await journal->settle();
    *settled += bool(done);
}

// The first has a flush of its own; it had begun when the others asked, who share the next.
TEST_F(JournalTest, ManyWhoSettleShareTwoFlushes) {
    ASSERT_TRUE(deliver(text_of(1)));
    const std::uint64_t before = syncs();
    unsigned settled = 0;
    for (int i = 0; i < 10; ++i) {
        machine.spawn(home(), settle_once(&store->journal(home()), &settled));
    }
    world.run_for(seconds(60));
    EXPECT_EQ(settled, 10u);
    EXPECT_EQ(syncs(), before + 2);
}

// Without it nothing is promised of a crash; so there is none.
TEST_F(JournalTest, WhereFlushesAreNotKnownToWorkThereIsNone) {
    world.plan().has_syncfs = false;
    restart();
    begin();
    for (int n = 1; n < 4; ++n) ASSERT_TRUE(deliver(text_of(n)));
    EXPECT_FALSE(machine.disk().content(journal_path("-a")));
    cut_and_start();
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 0, 1, 2, 3}));
}

// And brought back it is by the means that there are.
TEST_F(JournalTest, ADiskThatHasMovedElsewhereIsReadToo) {
    for (int n = 1; n < 4; ++n) ASSERT_TRUE(deliver(text_of(n)));
    power_cut();
    world.plan().has_syncfs = false;
    start();
    cut_and_start();
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 1, 2, 3}));
}

TEST_F(JournalTest, FilesOfShardsThatAreNoMoreGoAway) {
    ASSERT_TRUE(deliver(text_of(1)));
    power_cut();
    machine.boot();
    store = std::make_unique<Store>(data, 1, small_journal);
    ASSERT_TRUE(run_on(0, store->start()));
    EXPECT_FALSE(machine.disk().content(std::string(data) + "/journal/1-a"));
    cut_and_start();
    EXPECT_EQ(numbers_in("INBOX"), (std::vector<int>{0, 1}));
}

}  // namespace
}  // namespace postern::store
