// The memory of expunges: what it answers, what it forgets, and what of it survives a restart.
#include "store/vanished_log.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/limits.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

using Ranges = std::vector<UidRange>;

TEST(VanishedLog, AnswersInOrderWhateverTheOrderOfExpunges) {
    VanishedLog log;
    EXPECT_EQ(log.since(0), Ranges{});
    log.add({5, 5}, 10);
    log.add({6, 6}, 10);
    log.add({1, 2}, 11);
    log.add({3, 4}, 12);
    log.add({9, 9}, 13);
    EXPECT_EQ(log.since(0), (Ranges{{1, 6}, {9, 9}}));
    EXPECT_EQ(log.since(10), (Ranges{{1, 4}, {9, 9}}));
    EXPECT_EQ(log.since(12), (Ranges{{9, 9}}));
    EXPECT_EQ(log.since(13), Ranges{});
    EXPECT_EQ(log.entries().size(), 4u);
}

TEST(VanishedLog, ForgetsTheOldestAndSaysSo) {
    VanishedLog log;
    for (std::uint32_t i = 1; i <= vanished_ranges_max; ++i) log.add({2 * i, 2 * i}, i);
    ASSERT_TRUE(log.since(0));
    log.add({1'000'000, 1'000'000}, vanished_ranges_max + 1);
    EXPECT_LE(log.entries().size(), vanished_ranges_max / 2 + 1);
    EXPECT_FALSE(log.since(0));
    EXPECT_FALSE(log.since(log.floor() - 1));
    ASSERT_TRUE(log.since(log.floor()));
    EXPECT_EQ(log.since(vanished_ranges_max), (Ranges{{1'000'000, 1'000'000}}));
}

TEST(VanishedLog, TheLargestUid) {
    VanishedLog log;
    log.add({UINT32_MAX, UINT32_MAX}, 1);
    log.add({1, 1}, 2);
    EXPECT_EQ(log.since(0), (Ranges{{1, 1}, {UINT32_MAX, UINT32_MAX}}));
}

class VanishedTest : public StoreTest {
 protected:
    void SetUp() override {
        for (int n = 1; n <= 6; ++n) ASSERT_TRUE(deliver(text_of(n)));
        auto inbox = open("INBOX");
        before_ = inbox->highest_modseq();
        ASSERT_TRUE(run(inbox->remove({2, 3, 5})));
        after_ = inbox->highest_modseq();
    }
    std::optional<Ranges> since(std::uint64_t modseq) {
        return open("INBOX")->vanished_since(modseq);
    }

    std::uint64_t before_ = 0;
    std::uint64_t after_ = 0;
};

TEST_F(VanishedTest, SurvivesRestartsAndCheckpoints) {
    Ranges gone{{2, 3}, {5, 5}};
    EXPECT_GT(after_, before_);
    EXPECT_EQ(since(before_), gone);
    for (int i = 0; i < 3; ++i) {
        restart();
        EXPECT_EQ(since(before_), gone);
        EXPECT_EQ(since(after_), Ranges{});
        EXPECT_EQ(open("INBOX")->highest_modseq(), after_);
    }
    check();
}

// RFC 7162 §3.2.6: a rebuilt index remembers nothing, and says so.
TEST_F(VanishedTest, WithoutTheIndexItIsForgotten) {
    restart();
    ASSERT_TRUE(run(engine::unlink_file(alice_path("/") + index_file)));
    EXPECT_FALSE(since(before_));
    EXPECT_FALSE(since(after_));
    auto inbox = open("INBOX");
    EXPECT_GT(inbox->highest_modseq(), after_);
    for (std::uint32_t uid : inbox->uids()) EXPECT_GT(inbox->find(uid)->modseq, after_);
    std::uint64_t now = inbox->highest_modseq();
    ASSERT_TRUE(run(inbox->remove({1})));
    EXPECT_EQ(since(now), (Ranges{{1, 1}}));
    inbox.reset();
    restart();
    EXPECT_EQ(since(now), (Ranges{{1, 1}}));
    EXPECT_FALSE(since(after_));
    check();
}

// Whatever was told before a power cut is told again when it may be wrong.
TEST_F(VanishedTest, AfterAPowerCutNothingIsTakenForKnown) {
    std::uint32_t newest = 0;
    std::uint64_t told = 0;
    {
        auto inbox = open("INBOX");
        ASSERT_TRUE(deliver(text_of(7)));
        newest = inbox->uids().back();
        ASSERT_TRUE(run(inbox->set_flags({1}, FlagChange::add, {flag::seen, 0}, nullptr)));
        ASSERT_TRUE(run(inbox->remove({newest})));
        told = inbox->highest_modseq();
    }
    power_cut();
    start();
    auto inbox = open("INBOX");
    EXPECT_GT(inbox->highest_modseq(), told);
    for (std::uint32_t uid : inbox->uids()) EXPECT_GT(inbox->find(uid)->modseq, told);
    auto gone = inbox->vanished_since(told);
    if (gone) {
        bool has_newest = false;
        for (const UidRange& range : *gone) {
            has_newest = has_newest || (range.first <= newest && newest <= range.last);
        }
        EXPECT_TRUE(has_newest);
        for (const UidRange& range : *gone) EXPECT_LT(range.last, inbox->status().uid_next);
    }
    inbox.reset();
    check();
}

// A copy has the identity of its original, and its own date of saving (RFC 8474 §5.1, RFC 8514).
TEST_F(VanishedTest, CopiesShareTheIdentity) {
    auto inbox = open("INBOX");
    std::uint64_t id = inbox->find(1)->email_id;
    EXPECT_NE(id, inbox->find(4)->email_id);
    world.run_for(seconds(100));
    auto sent = open("Sent");
    CopyResult copied = *run(inbox->copy({1}, sent));
    Metadata copy = *sent->find(copied.messages.front().target);
    EXPECT_EQ(copy.email_id, id);
    EXPECT_GE(copy.saved_s, inbox->find(1)->saved_s + 100);
    EXPECT_EQ(copy.internal_date_s, inbox->find(1)->internal_date_s);
    std::int64_t saved = copy.saved_s;
    inbox.reset();
    sent.reset();
    restart();
    EXPECT_EQ(open("Sent")->find(1)->email_id, id);
    EXPECT_EQ(open("Sent")->find(1)->saved_s, saved);
    check();
}

}  // namespace
}  // namespace postern::store
