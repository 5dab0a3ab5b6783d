// One mailbox: flags, keywords, expunge, append, copy, move, two views at once, full disks.
#include "store/mailbox.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

using Uids = std::vector<std::uint32_t>;

class MailboxTest : public StoreTest {
 protected:
    void SetUp() override {
        inbox = open("INBOX");
        for (int n = 1; n <= 5; ++n) ASSERT_TRUE(deliver(text_of(n)));
    }
    void TearDown() override {
        first.reset();
        second.reset();
        inbox.reset();
    }
    void set_quietly() {
        run(inbox->set_flags(inbox->uids(), FlagChange::add, {flag::seen, 0}, nullptr));
    }
    Uids set(Uids uids, FlagChange change, FlagSet flags, const View* actor = nullptr) {
        auto result = run(inbox->set_flags(std::move(uids), change, flags, actor));
        EXPECT_TRUE(result);
        return result ? *result : Uids{};
    }

    std::shared_ptr<Mailbox> inbox;
    std::shared_ptr<View> first;
    std::shared_ptr<View> second;
};

TEST_F(MailboxTest, RefusesBadFlags) {
    for (const char* name : {"\\Foo", "", "a b", "(", "\\*"}) {
        auto flags = run(inbox->resolve_flags({name}, UnknownKeywords::create));
        ASSERT_FALSE(flags) << name;
        EXPECT_EQ(flags.error().kind, ErrorKind::peer_syntax);
    }
    EXPECT_EQ(*run(inbox->resolve_flags({"\\Recent"}, UnknownKeywords::create)), FlagSet{});
    EXPECT_EQ(*run(inbox->resolve_flags({"unheard"}, UnknownKeywords::ignore)), FlagSet{});
}

TEST_F(MailboxTest, KeywordsHaveALimit) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < keywords_max; ++i) names.push_back("k" + std::to_string(i));
    FlagSet all = *run(inbox->resolve_flags(names, UnknownKeywords::create));
    EXPECT_EQ(all.keywords, (1ull << keywords_max) - 1);
    EXPECT_FALSE(inbox->may_create_keywords());
    auto more = run(inbox->resolve_flags({"one-more"}, UnknownKeywords::create));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, ErrorCode::limit);
    set({1}, FlagChange::replace, all);
    inbox.reset();
    restart();
    inbox = open("INBOX");
    EXPECT_EQ(inbox->flag_names(inbox->find(1)->flags), names);
    EXPECT_EQ(inbox->all_flag_names().size(), 6 + keywords_max);
    check();
}

TEST_F(MailboxTest, ChangesFlags) {
    EXPECT_EQ(set({1, 2, 99}, FlagChange::add, {flag::seen | flag::flagged, 0}), (Uids{1, 2}));
    set({2}, FlagChange::remove, {flag::seen, 0});
    set({3}, FlagChange::replace, {flag::forwarded, 0});
    EXPECT_EQ(inbox->flag_names(inbox->find(1)->flags),
              (std::vector<std::string>{"\\Flagged", "\\Seen"}));
    EXPECT_EQ(inbox->find(2)->flags, (FlagSet{flag::flagged, 0}));
    EXPECT_EQ(inbox->flag_names(inbox->find(3)->flags), std::vector<std::string>{"$Forwarded"});
    std::uint64_t modseq = inbox->find(3)->modseq;
    set({3}, FlagChange::add, {flag::forwarded, 0});
    EXPECT_EQ(inbox->find(3)->modseq, modseq);  // nothing changed
    EXPECT_EQ(inbox->status().unseen, 4u);
    check();
}

TEST_F(MailboxTest, FileNamesFollowWithinSeconds) {
    set({1}, FlagChange::add, {flag::seen, 0});
    world.run_for(seconds(3));
    bool found = false;
    for (const std::string& path : machine.disk().tree()) {
        found = found || (path.starts_with(alice_path("/cur/")) && path.ends_with(",U=1:2,S"));
    }
    EXPECT_TRUE(found);
    EXPECT_EQ(read(*inbox, 1), text_of(1));
    check();
}

TEST_F(MailboxTest, ExpungesOnlyWhatIsDeleted) {
    set({2, 4, 5}, FlagChange::add, {flag::deleted, 0});
    EXPECT_EQ(*run(inbox->expunge({1, 4, 2, 77})), (Uids{2, 4}));
    EXPECT_EQ(inbox->uids(), (Uids{1, 3, 5}));
    EXPECT_EQ(read(*inbox, 2), "(not_found)");
    EXPECT_FALSE(inbox->find(2));
    EXPECT_EQ(append(inbox, text_of(6)), 6u);
    check();
}

TEST_F(MailboxTest, TwoViewsAreToldEverythingOnce) {
    first = select(inbox, Access::read_write);
    second = select(inbox, Access::read_write);
    EXPECT_EQ(first->size(), 5u);
    EXPECT_EQ(first->recent_count(), 5u);
    EXPECT_EQ(second->recent_count(), 0u);  // RFC 3501 §2.3.2: the first session's
    set({2, 3}, FlagChange::add, {flag::deleted, 0}, first.get());
    EXPECT_TRUE(first->take_changes(Expunges::report).empty());
    EXPECT_TRUE(second->changed().is_set());
    EXPECT_EQ(second->take_changes(Expunges::hold).flags_changed, (Uids{2, 3}));
    ASSERT_TRUE(run(inbox->expunge(inbox->uids())));
    ASSERT_TRUE(deliver(text_of(6)));

    Changes told = first->take_changes(Expunges::report);
    EXPECT_EQ(told.expunged, (Uids{2, 2}));
    EXPECT_EQ(told.expunged_uids, (Uids{2, 3}));
    EXPECT_EQ(told.exists, 4u);
    EXPECT_EQ(told.recent, 4u);
    EXPECT_EQ(first->uids(), (Uids{1, 4, 5, 6}));
    EXPECT_EQ(first->sequence_of(6), 4u);
    EXPECT_TRUE(first->is_recent(6));

    set({6}, FlagChange::add, {flag::seen, 0}, first.get());
    told = second->take_changes(Expunges::hold);
    EXPECT_TRUE(told.expunged.empty());
    EXPECT_EQ(told.exists, 6u);
    EXPECT_EQ(second->uid_at(2), 2u);  // still there for this client
    EXPECT_FALSE(inbox->find(2));
    told = second->take_changes(Expunges::report);
    EXPECT_EQ(told.expunged, (Uids{2, 2}));
    EXPECT_EQ(second->uids(), first->uids());
    EXPECT_TRUE(second->take_changes(Expunges::report).empty());
    EXPECT_FALSE(second->changed().is_set());
    check();
}

TEST_F(MailboxTest, ExamineClaimsNothing) {
    first = select(inbox, Access::read_only);
    EXPECT_EQ(first->recent_count(), 5u);
    second = select(inbox, Access::read_write);
    EXPECT_EQ(second->recent_count(), 5u);
    check();
}

TEST_F(MailboxTest, AppendKeepsFlagsAndDate) {
    FlagSet flags = *run(inbox->resolve_flags({"\\Seen", "x"}, UnknownKeywords::create));
    EXPECT_EQ(append(inbox, "A: b\r\n\r\n", flags, 1'234'567'890), 6u);
    EXPECT_EQ(inbox->find(6)->flags, flags);
    EXPECT_EQ(inbox->find(6)->internal_date_s, 1'234'567'890);
    EXPECT_EQ(append(inbox, "", {}, -5), 7u);
    EXPECT_EQ(inbox->find(7)->internal_date_s, 0);
    EXPECT_EQ(inbox->find(7)->size_bytes, 0u);
    check();
}

TEST_F(MailboxTest, CopiesWithFlagsAndKeywords) {
    auto trash = open("Trash");
    ASSERT_TRUE(run(trash->resolve_flags({"other"}, UnknownKeywords::create)));
    set({2}, FlagChange::replace,
        *run(inbox->resolve_flags({"\\Seen", "mine"}, UnknownKeywords::create)));
    auto copied = run(inbox->copy({4, 2, 99, 2}, trash));
    ASSERT_TRUE(copied);
    ASSERT_EQ(copied->messages.size(), 2u);
    EXPECT_EQ(copied->messages[0].source, 2u);
    EXPECT_EQ(copied->messages[0].target, 1u);
    EXPECT_EQ(copied->messages[1].source, 4u);
    EXPECT_EQ(copied->uid_validity, trash->status().uid_validity);
    EXPECT_EQ(read(*trash, 1), text_of(2));
    EXPECT_EQ(read(*trash, 2), text_of(4));
    EXPECT_EQ(trash->flag_names(trash->find(1)->flags),
              (std::vector<std::string>{"\\Seen", "mine"}));
    EXPECT_EQ(trash->find(1)->internal_date_s, inbox->find(2)->internal_date_s);
    EXPECT_EQ(inbox->uids().size(), 5u);
    EXPECT_TRUE(run(inbox->copy({99}, trash))->messages.empty());
    check();
}

TEST_F(MailboxTest, MovesToAnotherMailboxAndToItself) {
    auto trash = open("Trash");
    first = select(inbox, Access::read_write);
    ASSERT_TRUE(run(inbox->move({1, 2}, trash)));
    EXPECT_EQ(inbox->uids(), (Uids{3, 4, 5}));
    EXPECT_EQ(trash->uids(), (Uids{1, 2}));
    EXPECT_EQ(read(*trash, 1), text_of(1));
    EXPECT_EQ(first->take_changes(Expunges::report).expunged, (Uids{1, 1}));
    auto moved = run(inbox->move({3}, inbox));
    ASSERT_TRUE(moved);
    EXPECT_EQ(inbox->uids(), (Uids{4, 5, 6}));
    EXPECT_EQ(read(*inbox, 6), text_of(3));
    check();
}

TEST_F(MailboxTest, FullDiskLeavesNothingHalfDone) {
    auto trash = open("Trash");
    unsigned refused = 0;
    std::size_t appended = inbox->uids().size();
    std::size_t copied = 0;
    for (int round = 0; round < 80; ++round) {
        world.plan().faults.no_space = 0.15;
        auto result = run(append_task(store.get(), inbox, text_of(round), {}, std::nullopt));
        if (result) ++appended;
        if (!result) {
            ++refused;
            EXPECT_EQ(result.error().code, ErrorCode::no_space);
        }
        auto copy = run(inbox->copy({1, 2, 3}, trash));
        if (copy) copied += 3;
        world.plan().heal();
        EXPECT_EQ(inbox->uids().size(), appended);
        EXPECT_EQ(trash->uids().size(), copied);
    }
    EXPECT_GT(refused, 0u);
    EXPECT_GT(copied, 0u);
    world.run_for(seconds(3));
    check();
}

TEST_F(MailboxTest, BrokenDiskLosesNoMessage) {
    auto trash = open("Trash");
    for (int round = 0; round < 60; ++round) {
        world.plan().faults.entry_eio = world.plan().faults.sync_eio = 0.1;
        world.plan().faults.write_eio = world.plan().faults.open_eio = 0.1;
        set_quietly();
        run(inbox->move({inbox->uids().back()}, trash));
        run(append_task(store.get(), inbox, text_of(100 + round), {}, std::nullopt));
        if (round % 3 == 0) run(trash->move(trash->uids(), inbox));
        world.run_for(milliseconds(700));
        world.plan().heal();
        ASSERT_FALSE(inbox->uids().empty());
        for (auto& mailbox : {inbox, trash}) {
            for (std::uint32_t uid : mailbox->uids()) {
                EXPECT_TRUE(read(*mailbox, uid).starts_with("From:")) << round;
            }
        }
    }
    std::multiset<std::string> texts;
    for (auto& mailbox : {inbox, trash}) {
        for (std::uint32_t uid : mailbox->uids()) texts.insert(read(*mailbox, uid));
    }
    for (int n = 1; n <= 5; ++n) EXPECT_GE(texts.count(text_of(n)), 1u) << n;
}

TEST_F(MailboxTest, FactsFileDoesNotKeepGrowing) {
    auto trash = open("Trash");
    std::uint64_t largest = 0;
    for (int round = 0; round < 12; ++round) {
        Uids many;
        for (int i = 0; i < 200; ++i) many.push_back(append(trash, text_of(i)));
        ASSERT_TRUE(run(trash->flush()));
        auto status = run(engine::stat_file(alice_path("/.Trash/postern.facts")));
        largest = std::max(largest, status->size_bytes);
        ASSERT_TRUE(run(trash->remove(many)));
    }
    auto status = run(engine::stat_file(alice_path("/.Trash/postern.facts")));
    EXPECT_LT(status->size_bytes, largest / 2);
    std::uint32_t uid = append(trash, text_of(7));
    EXPECT_TRUE(run(trash->facts(uid)));
    check();
}

TEST_F(MailboxTest, AdoptsForeignMail) {
    first = select(inbox, Access::read_write);
    put_file(alice_path("/new/1700000002.M2P3.elsewhere"), "Subject: b\r\n\r\nsecond\r\n");
    put_file(alice_path("/new/1700000001.M1P3.elsewhere"), "Subject: a\n\nfirst\n");
    put_file(alice_path("/cur/1700000003.x:2,FSq"), "Subject: c\r\n\r\nthird\r\n");
    put_file(alice_path("/cur/.hidden"), "no message");
    world.run_for(seconds(2));
    ASSERT_TRUE(run(inbox->refresh()));
    EXPECT_EQ(first->take_changes(Expunges::report).exists, 8u);
    EXPECT_EQ(read(*inbox, 6), "Subject: a\r\n\r\nfirst\r\n");
    EXPECT_EQ(inbox->find(6)->size_bytes, 21u);
    EXPECT_EQ(inbox->find(6)->internal_date_s, 1'700'000'001);
    EXPECT_EQ(read(*inbox, 7), "Subject: b\r\n\r\nsecond\r\n");
    EXPECT_EQ(inbox->find(8)->flags, (FlagSet{flag::flagged | flag::seen, 0}));
    ASSERT_TRUE(run(engine::unlink_file(alice_path("/cur/.hidden"))));
    check();
    inbox.reset();
    first.reset();
    restart();
    inbox = open("INBOX");
    EXPECT_EQ(inbox->uids().size(), 8u);
    check();
}

// As who selects a folder another program has just filled expects.
TEST_F(MailboxTest, AdoptsForeignMailRightAfterALook) {
    ASSERT_TRUE(run(inbox->refresh()));
    put_file(alice_path("/new/1700000002.M2P3.elsewhere"), "Subject: b\r\n\r\nsecond\r\n");
    ASSERT_TRUE(run(inbox->refresh()));
    EXPECT_EQ(inbox->uids().size(), 6u);
    check();
}

// Directories are flushed once for many.
TEST_F(MailboxTest, AdoptsManyWithFewFlushes) {
    constexpr int count = 600;
    for (int i = 0; i < count; ++i) {
        put_file(alice_path("/new/" + std::to_string(1'700'000'000 + i) + ".M.elsewhere"),
                 "Subject: " + std::to_string(i) + "\r\n\r\ntext\r\n");
    }
    world.run_for(seconds(2));
    auto syncs = [&] { return engine::Shard::current().kernel().counters().syncs; };
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    machine.enter(home(), [&] { before = syncs(); });
    ASSERT_TRUE(run(inbox->refresh()));
    machine.enter(home(), [&] { after = syncs(); });
    EXPECT_LE(after - before, 20u);
    ASSERT_EQ(inbox->uids().size(), 5u + count);
    EXPECT_TRUE(read(*inbox, 6).starts_with("Subject: 0\r\n"));
    EXPECT_TRUE(read(*inbox, 5 + count).starts_with("Subject: 599\r\n"));
    check();
    inbox.reset();
    power_cut();
    start();
    inbox = open("INBOX");
    EXPECT_EQ(inbox->uids().size(), 5u + count);
    check();
}

TEST_F(MailboxTest, AForeignUidIsNotBelieved) {
    std::string path;
    for (const std::string& each : machine.disk().tree()) {
        if (each.find(",U=2") != std::string::npos) path = each;
    }
    ASSERT_FALSE(path.empty());
    std::string other = path;
    other.replace(other.find(".R") + 2, 4, "0000");
    ASSERT_TRUE(run(engine::link_file(path, other)));
    world.run_for(seconds(2));
    ASSERT_TRUE(run(inbox->refresh()));
    EXPECT_EQ(inbox->uids(), (Uids{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(read(*inbox, 6), text_of(2));
    check();
}

TEST_F(MailboxTest, MissesWhatOthersRemoved) {
    first = select(inbox, Access::read_write);
    ASSERT_TRUE(run(inbox->flush()));
    for (const std::string& path : machine.disk().tree()) {
        if (path.find(",U=3") == std::string::npos) continue;
        ASSERT_TRUE(run(engine::unlink_file(path)));
    }
    world.run_for(seconds(2));
    ASSERT_TRUE(run(inbox->refresh()));
    EXPECT_EQ(first->take_changes(Expunges::report).expunged, Uids{3});
    EXPECT_EQ(inbox->uids(), (Uids{1, 2, 4, 5}));
    check();
}

TEST_F(MailboxTest, OpeningAVanishedMessageFindsOut) {
    ASSERT_TRUE(run(inbox->flush()));
    for (const std::string& path : machine.disk().tree()) {
        if (path.find(",U=3") == std::string::npos) continue;
        ASSERT_TRUE(run(engine::unlink_file(path)));
    }
    EXPECT_EQ(read(*inbox, 3), "(not_found)");
    EXPECT_EQ(inbox->uids(), (Uids{1, 2, 4, 5}));
    check();
}

}  // namespace
}  // namespace postern::store
