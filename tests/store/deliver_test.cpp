// Delivery: all targets or none, durable before it is said, visible after.
#include <gtest/gtest.h>

#include "fixture.hpp"
#include "message/facts.hpp"
#include "store/limits.hpp"
#include "store/test_faults.hpp"

namespace postern::store {
namespace {

using engine::task;

class DeliverTest : public StoreTest {};

std::vector<std::string> files_below(sim::Machine& machine, const std::string& directory) {
    std::vector<std::string> files;
    for (const std::string& path : machine.disk().tree()) {
        if (path.starts_with(directory) && path.back() != '/') files.push_back(path);
    }
    return files;
}

std::vector<std::string> spool_files(sim::Machine& machine) {
    return files_below(machine, "/data/spool/");
}

// More than waits in memory, more than is read at once, more than the pool is asked for.
std::string large_text() {
    std::string text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int part = 0; part < 3; ++part) {
        text += "--b\r\n\r\n";
        for (int line = 0; line < 50'000; ++line) text += "a line of many\r\n";
    }
    return text + "--b--\r\n";
}

task<Result<void>> append_twice(Store* store, std::string half) {
    auto incoming = co_await engine::try_(store->begin_message());
    std::vector<std::string_view> slices{half};
    co_await engine::try_(incoming.append(slices));
    co_return co_await incoming.append(slices);
}

TEST_F(DeliverTest, RefusesMoreThanAMessageMayHold) {
    std::string half((message_bytes_max + added_header_bytes_max) / 2 + 1, 'x');
    auto refused = run_on(0, append_twice(store.get(), half));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::too_big);
    world.run_for(seconds(5));
    EXPECT_TRUE(spool_files(machine).empty());
}

TEST_F(DeliverTest, ArrivesByteForByte) {
    using std::string_literals::operator""s;
    std::string text = "A: b\r\n\r\n.\r\n..x\r\n\0\xff\r\n"s;
    ASSERT_TRUE(deliver(text));
    auto inbox = open("INBOX");
    ASSERT_EQ(inbox->uids(), std::vector<std::uint32_t>{1});
    EXPECT_EQ(read(*inbox, 1), text);
    auto metadata = inbox->find(1);
    EXPECT_EQ(metadata->size_bytes, text.size());
    EXPECT_EQ(metadata->flags, FlagSet{});
    EXPECT_NEAR(double(metadata->internal_date_s), double(world.wall_now().unix_seconds()), 60.0);
    world.run_for(seconds(5));
    EXPECT_TRUE(spool_files(machine).empty());
    check();
}

TEST_F(DeliverTest, FactsAreKept) {
    ASSERT_TRUE(deliver(text_of(7)));
    auto inbox = open("INBOX");
    auto facts = run(inbox->facts(1));
    ASSERT_TRUE(facts);
    EXPECT_EQ(**facts, message::compute_facts(text_of(7)));
    check();
    inbox.reset();
    restart();
    inbox = open("INBOX");
    facts = run(inbox->facts(1));
    ASSERT_TRUE(facts);
    EXPECT_EQ(**facts, message::compute_facts(text_of(7)));
    check();
}

// Larger than what waits in memory: they are computed on the way, and nothing is read for them.
TEST_F(DeliverTest, FactsOfALargeMessageAreKept) {
    const std::string text = large_text();
    ASSERT_TRUE(deliver(text));
    auto inbox = open("INBOX");
    run(inbox->flush());
    const std::string path = files_below(machine, alice_path("/new/"))[0];
    const std::string aside = alice_path("/tmp/aside");
    ASSERT_TRUE(run(engine::rename_file(path, aside)));
    auto facts = run(inbox->facts(1));
    ASSERT_TRUE(facts);
    EXPECT_EQ(**facts, message::compute_facts(text));
    ASSERT_TRUE(run(engine::rename_file(aside, path)));
    check();
}

// In pieces, when another program has put it there.
TEST_F(DeliverTest, FactsOfALargeForeignMessageAreComputedWhenAsked) {
    const std::string text = large_text();
    open("INBOX");
    put_file(alice_path("/new/1700000000.foreign"), text);
    auto inbox = open("INBOX");
    world.run_for(seconds(5));
    ASSERT_TRUE(run(inbox->refresh()));
    ASSERT_EQ(inbox->uids().size(), 1u);
    auto facts = run(inbox->facts(1));
    ASSERT_TRUE(facts);
    EXPECT_EQ(**facts, message::compute_facts(text));
    check();
}

TEST_F(DeliverTest, GoesToInboxWhenTheFolderIsNotThere) {
    ASSERT_TRUE(deliver(text_of(1), alice, "No/Such"));
    ASSERT_TRUE(deliver(text_of(2), alice, "../../etc"));
    ASSERT_TRUE(deliver(text_of(3), alice, "Junk"));
    EXPECT_EQ(open("INBOX")->uids().size(), 2u);
    EXPECT_EQ(open("Junk")->uids().size(), 1u);
    check();
}

TEST_F(DeliverTest, OneCopyForATargetNamedTwice) {
    std::vector<DeliveryTarget> targets{{alice, "INBOX"}, {alice, "inbox"}, {alice, "Nowhere"}};
    ASSERT_TRUE(run_on(1, deliver_task(store.get(), text_of(1), targets)));
    EXPECT_EQ(open("INBOX")->uids().size(), 1u);
    check();
}

TEST_F(DeliverTest, ReachesAccountsOfAllShards) {
    std::vector<DeliveryTarget> targets;
    for (int i = 0; i < 40; ++i) {
        DeliveryTarget target;
        target.account_directory = account_directory("example.test", "u" + std::to_string(i));
        targets.push_back(target);
    }
    ASSERT_TRUE(run_on(0, deliver_task(store.get(), text_of(1), targets)));
    std::set<unsigned> shards;
    for (const DeliveryTarget& target : targets) {
        unsigned shard = store->home_shard_of(target.account_directory);
        shards.insert(shard);
        auto other = run_on(shard, store->open_account(target.account_directory));
        ASSERT_TRUE(other);
        auto inbox = run_on(shard, (*other)->open("INBOX"));
        ASSERT_TRUE(inbox);
        EXPECT_EQ((*inbox)->uids(), std::vector<std::uint32_t>{1});
    }
    EXPECT_EQ(shards.size(), 2u);
    open("INBOX");
    check();
}

task<void> count_success(task<Result<void>> work, unsigned* count) {
    auto outcome = co_await std::move(work);
    if (outcome) ++*count;
}

TEST_F(DeliverTest, ManyAtOnceShareTheirFlushes) {
    open("INBOX");
    std::uint64_t syncs_before =
        machine.kernel(0).counters().syncs + machine.kernel(1).counters().syncs;
    unsigned done = 0;
    constexpr unsigned deliveries = 64;
    for (unsigned i = 0; i < deliveries; ++i) {
        std::vector<DeliveryTarget> targets{{alice, "INBOX"}};
        machine.spawn(i % 2,
                      count_success(deliver_task(store.get(), text_of(int(i)), targets), &done));
    }
    ASSERT_TRUE(world.run_until([&] { return done == deliveries; }, world.now() + seconds(60)));
    std::uint64_t syncs =
        machine.kernel(0).counters().syncs + machine.kernel(1).counters().syncs - syncs_before;
    EXPECT_LT(syncs, 2 * deliveries);  // one a file, and fewer for the directory
    auto inbox = open("INBOX");
    ASSERT_EQ(inbox->uids().size(), deliveries);
    std::set<std::string> seen;
    for (std::uint32_t uid : inbox->uids()) seen.insert(read(*inbox, uid));
    EXPECT_EQ(seen.size(), deliveries);
    check();
}

// What twenty deliveries ask of the disk; they may be flushed in one piece more or less.
TEST_F(DeliverTest, IntoALargeFolderCostsWhatAnEmptyOneDoes) {
    const auto cost = [&](const std::string& mailbox) {
        EXPECT_TRUE(deliver(text_of(10), alice, mailbox));
        world.run_for(seconds(5));
        machine.file_use = {};
        for (int n = 11; n <= 30; ++n) EXPECT_TRUE(deliver(text_of(n), alice, mailbox));
        world.run_for(seconds(5));
        return machine.file_use;
    };
    ASSERT_TRUE(run(open().create("Small")));
    ASSERT_TRUE(run(open().create("Large")));
    open("Small");
    for (int n = 1'000; n < 4'000; ++n) {
        put_file(alice_path("/.Large/new/") + std::to_string(n) + ".M.other", text_of(n));
    }
    EXPECT_EQ(open("Large")->uids().size(), 3'000u);
    ASSERT_TRUE(run(open().flush()));
    const sim::FileUse small = cost("Small");
    const sim::FileUse large = cost("Large");
    EXPECT_GT(small.bytes_written, 0u);
    EXPECT_EQ(large.messages_opened, small.messages_opened);
    EXPECT_EQ(large.names_listed, small.names_listed);
    EXPECT_LE(large.opened, small.opened + 4);
    EXPECT_LE(large.reads, small.reads + 4);
    EXPECT_LE(large.bytes_written, small.bytes_written + small.bytes_written / 10);
    check();
}

TEST_F(DeliverTest, FailureLeavesNothingAnywhere) {
    for (int round = 0; round < 60; ++round) {
        std::vector<DeliveryTarget> targets{
            {alice, "INBOX"}, {alice, "Junk"}, {"example.test/bob", "INBOX"}};
        std::size_t before = open("INBOX")->uids().size();
        world.plan().faults.entry_eio = 0.1;
        world.plan().faults.sync_eio = 0.1;
        world.plan().faults.write_eio = 0.05;
        world.plan().faults.no_space = 0.05;
        auto outcome =
            run_on(unsigned(round) % 2, deliver_task(store.get(), text_of(round), targets));
        world.plan().heal();
        world.run_for(seconds(3));
        EXPECT_EQ(open("INBOX")->uids().size(), before + (outcome ? 1 : 0));
        EXPECT_EQ(open("INBOX")->uids().size(), open("Junk")->uids().size());
    }
    // A failing unlink leaves a file behind, which the next start clears.
    restart();
    EXPECT_TRUE(spool_files(machine).empty());
}

task<void> deliver_some(Store* store, int first, std::vector<int>* acknowledged) {
    for (int n = first; n < first + 4; ++n) {
        auto incoming = co_await store->begin_message();
        if (!incoming) co_return;
        std::string text = text_of(n);
        std::vector<std::string_view> slices{text};
        auto appended = co_await incoming->append(slices);
        if (!appended) co_return;
        auto message = co_await incoming->finish();
        if (!message) co_return;
        std::vector<DeliveryTarget> targets(1);
        targets[0].account_directory = "example.test/alice";
        auto delivered = co_await store->deliver_to_all(*message, targets);
        if (delivered) acknowledged->push_back(n);
    }
}
task<void> begin(Store* store, bool* ready) {
    auto started = co_await store->start();
    *ready = started.has_value();
}
task<void> count_missing(Store* store, std::vector<int> wanted, unsigned* lost, bool* done) {
    auto account = co_await store->open_account("example.test/alice");
    auto inbox = co_await (*account)->open("INBOX");
    std::multiset<std::string> texts;
    for (std::uint32_t uid : (*inbox)->uids()) {
        auto text = co_await (*inbox)->read_range(uid, 0, 4096);
        if (text) texts.insert(*text);
    }
    for (int n : wanted) *lost += texts.count(text_of(n)) != 1;
    *done = true;
}

// The whole promise, in small: what was acknowledged is there after the power has gone.
unsigned lost_after_power_cut(std::uint64_t seed) {
    unsigned lost = 0;
    sim::World world(seed);
    sim::Machine& machine = world.add_machine("10.0.0.1", 2);
    machine.boot();
    auto store = std::make_unique<Store>(data, 2);
    std::vector<int> acknowledged;
    bool ready = false;
    machine.spawn(0, begin(store.get(), &ready));
    world.run_until([&] { return ready; }, never);
    for (int i = 0; i < 4; ++i) {
        machine.spawn(unsigned(i) % 2, deliver_some(store.get(), i * 10, &acknowledged));
    }
    world.run_for(microseconds(std::int64_t(500 + seed * 7919 % 80'000)));
    machine.power_cut();
    std::vector<int> promised = acknowledged;
    machine.enter(0, [&] { store.reset(); });
    machine.boot();
    store = std::make_unique<Store>(data, 2);
    ready = false;
    machine.spawn(0, begin(store.get(), &ready));
    world.run_until([&] { return ready; }, never);
    bool done = promised.empty();
    unsigned home = home_shard("example.test/alice", 2);
    if (!done) machine.spawn(home, count_missing(store.get(), promised, &lost, &done));
    world.run_until([&] { return done; }, world.now() + seconds(100));
    EXPECT_TRUE(done) << "seed " << seed;
    machine.shut_down();
    return lost;
}

TEST(DeliverPowerCut, LosesNothingThatWasAcknowledged) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        EXPECT_EQ(lost_after_power_cut(seed), 0u) << "seed " << seed;
    }
}

TEST(DeliverPowerCut, SeededBugsAreCaught) {
    unsigned lost = 0;
    test_faults.skip_directory_sync = true;
    for (std::uint64_t seed = 0; seed < 300 && lost == 0; ++seed) lost = lost_after_power_cut(seed);
    test_faults = {};
    EXPECT_GT(lost, 0u);
    lost = 0;
    test_faults.reply_before_sync = true;
    for (std::uint64_t seed = 0; seed < 300 && lost == 0; ++seed) lost = lost_after_power_cut(seed);
    test_faults = {};
    EXPECT_GT(lost, 0u);
}

}  // namespace
}  // namespace postern::store
