// What is old goes, and nothing that what stays needs: whole restores of what stays, cut off at
// every removal; and a seeded bug that this must find.
#include "backup/pruning.hpp"

#include <gtest/gtest.h>

#include "backup/a_gateway.hpp"
#include "backup/test_faults.hpp"
#include "backup/verifying.hpp"

namespace postern::backup {
namespace {

constexpr std::int64_t pruning_day_s = 86'400;
constexpr std::int64_t pruning_latest_s = 1'785'628'800;  // 2026-08-02
constexpr Keeping only_latest{0, 0};

std::vector<std::uint32_t> old_of(const std::vector<std::int64_t>& days_ago, Keeping keeping) {
    std::vector<DatedBackup> backups;
    for (const std::int64_t days : days_ago) {
        backups.push_back(
            {std::uint32_t(backups.size() + 1), pruning_latest_s - days * pruning_day_s});
    }
    return choose_old(backups, keeping);
}
using Numbers = std::vector<std::uint32_t>;

TEST(BackupChoice, TheLatestStaysWhateverIsAsked) {
    EXPECT_EQ(old_of({}, only_latest), Numbers());
    EXPECT_EQ(old_of({0}, only_latest), Numbers());
    EXPECT_EQ(old_of({5'000, 4'000, 3'000}, only_latest), (Numbers{1, 2}));
    EXPECT_EQ(old_of({-9, 0}, only_latest), Numbers()) << "dated by a wrong clock";
}

TEST(BackupChoice, DaysAndTheLastOfEachMonthStay) {
    EXPECT_EQ(old_of({30, 29, 1, 0}, {30, 0}), Numbers{1});
    // 2026-06-30, 2026-07-01, 2026-07-30, 2026-07-31, 2026-08-01, 2026-08-02
    EXPECT_EQ(old_of({33, 32, 3, 2, 1, 0}, {0, 1}), (Numbers{1, 2, 3, 4, 5}));
    EXPECT_EQ(old_of({33, 32, 3, 2, 1, 0}, {0, 2}), (Numbers{1, 2, 3, 5}));
    EXPECT_EQ(old_of({33, 32, 3, 2, 1, 0}, {0, 3}), (Numbers{2, 3, 5}));
    EXPECT_EQ(old_of({33, 32, 3, 2, 1, 0}, {3, 3}), (Numbers{2, 3}));
    EXPECT_EQ(old_of({400, 0}, {100'000, 0}), Numbers());
}

class PruningTest : public BackupTest {
 protected:
    ~PruningTest() override { test_faults = {}; }

    // Three backups, each with its own packs; some of the first's mail has gone by the last.
    void make_three() {
        ASSERT_TRUE(back_up_now());
        std::filesystem::remove_all(gateway_.mailbox(1, ".Work"));
        gateway_.add(gateway_.mailbox(0), 31, AGateway::message(31));
        ASSERT_TRUE(back_up_now(Extent::all));
        gateway_.add(gateway_.mailbox(0), 32, AGateway::message(32));
        ASSERT_TRUE(back_up_now());
    }
    Outcome<Pruned> prune_now(const Keeping& keeping = only_latest) {
        Reader reader(target_, key_);
        return prune(reader, keeping);
    }
    // Of every backup that is there.
    std::size_t problems() {
        Reader reader(target_, key_);
        const auto numbers = reader.snapshots();
        std::size_t count = 0;
        for (const std::uint32_t number : *numbers) {
            const auto snapshot = reader.find_snapshot(number);
            const Sample sample{UINT64_MAX, "", gateway_.root() + "/scratch"};
            const auto found = verify(reader, *snapshot, sample, {});
            count += found ? found->problems.size() : 1;
        }
        return count;
    }
    // Cut off after so many removals, for all counts; how many problems there were then.
    std::size_t cut_everywhere() {
        std::size_t found = 0;
        make_three();
        const auto whole = target_.files;
        for (std::size_t removals = 0;; ++removals) {
            target_.files = whole;
            target_.removes_left = removals;
            const auto pruned = prune_now();
            target_.removes_left.reset();
            found += problems();
            if (pruned) return found;
        }
    }
};

TEST_F(PruningTest, NothingGoesWhereSomethingIsDamaged) {
    make_three();
    const auto whole = target_.files;
    for (const auto& [name, bytes] : whole) {
        if (name == key_file_name || bytes.size() < 200) continue;
        target_.files = whole;
        target_.files[name][150] ^= 1;
        const auto before = target_.files;
        if (prune_now()) continue;
        EXPECT_EQ(target_.files, before) << name;
    }
    target_.files = whole;
    target_.files[snapshot_name(2)].resize(40);
    EXPECT_FALSE(prune_now());
    target_.files.clear();
    EXPECT_TRUE(prune_now());
}

TEST_F(PruningTest, WhatIsOldGoesAndTheRestComesBack) {
    make_three();
    const std::size_t files = target_.files.size();
    EXPECT_EQ(prune_now({30, 12})->backups, 0u);
    EXPECT_EQ(target_.files.size(), files);
    const auto pruned = prune_now();
    ASSERT_TRUE(pruned) << pruned.error().words;
    EXPECT_EQ(pruned->backups, 2u);
    EXPECT_GE(pruned->packs, 1u);
    EXPECT_FALSE(target_.files.contains(pack_name(0)));
    EXPECT_EQ(problems(), 0u);
    EXPECT_EQ(mail_of(*restored()).size(), mail_now().size());
    // And it goes on from there.
    gateway_.add(gateway_.mailbox(0), 33, AGateway::message(33));
    const auto next = back_up_now();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->snapshot.number, 4u);
    EXPECT_EQ(next->new_messages, 1u);
    EXPECT_EQ(problems(), 0u);
}

TEST_F(PruningTest, CutOffAnywhereWhatStaysIsWhole) {
    EXPECT_EQ(cut_everywhere(), 0u);
}

TEST_F(PruningTest, PacksBeforeSnapshotsWouldBeFound) {
    test_faults.packs_before_snapshots = true;
    EXPECT_GT(cut_everywhere(), 0u);
}

}  // namespace
}  // namespace postern::backup
