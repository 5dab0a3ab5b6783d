// Backups of a living gateway: targets that are full, pulled out or damaged, backups that are cut
// short, and what a backup after the first costs.
#include "backup/backing_up.hpp"

#include <gtest/gtest.h>

#include "backup/a_gateway.hpp"
#include "backup/test_faults.hpp"
#include "backup/verifying.hpp"

namespace postern::backup {
namespace {

class BackingUpTest : public BackupTest {
 protected:
    // Whether the latest backup is whole.
    bool is_whole() {
        Reader reader(target_, key_);
        const auto snapshot = reader.find_snapshot(std::nullopt);
        if (!snapshot) return false;
        const TemporaryDirectory scratch;
        const Sample all{UINT64_MAX, "", scratch / "scratch"};
        const auto found = verify(reader, *snapshot, all, {});
        return found && found->problems.empty() && found->messages == snapshot->messages();
    }
    // Cuts a backup at each of its writes; whether the latest one is whole after each.
    bool survives_every_cut() {
        bool survived = true;
        for (std::size_t writes = 0; writes < 6; ++writes) {
            gateway_.add(gateway_.mailbox(0), 5'000 + std::uint32_t(writes), "more\r\n");
            target_.writes_left = writes;
            const bool is_done = back_up_now().has_value();
            target_.writes_left.reset();
            survived = survived && is_whole();
            if (is_done) break;
        }
        return survived;
    }
};

TEST_F(BackingUpTest, WithoutPeopleThereIsNothingToBackUp) {
    std::filesystem::remove(gateway_.data() + "/accounts.db");
    EXPECT_EQ(back_up_now().error().reason, Reason::not_found);
    EXPECT_TRUE(target_.files.size() == 1);
}

TEST_F(BackingUpTest, AFullTargetIsSaidAndTheBackupBeforeStays) {
    ASSERT_TRUE(back_up_now());
    gateway_.add(gateway_.mailbox(0), 900, "new\r\n");
    target_.writes_left = 0;
    target_.reason_then = Reason::no_room;
    EXPECT_EQ(back_up_now().error().reason, Reason::no_room);
    target_.writes_left.reset();
    EXPECT_TRUE(is_whole());
    EXPECT_FALSE(mail_of(*restored()) == mail_now());
}

TEST_F(BackingUpTest, WhereverItIsCutTheBackupBeforeIsWhole) {
    ASSERT_TRUE(back_up_now());
    EXPECT_TRUE(survives_every_cut());
}

TEST_F(BackingUpTest, ASnapshotWrittenTooEarlyIsCaught) {
    ASSERT_TRUE(back_up_now());
    test_faults.snapshot_before_packs = true;
    const bool survived = survives_every_cut();
    test_faults.snapshot_before_packs = false;
    EXPECT_FALSE(survived);
}

TEST_F(BackingUpTest, OneThatWasCutShortIsGoneOnWith) {
    // Two packs and a bit, of bytes that do not compress.
    for (std::uint32_t uid = 100; uid < 136; ++uid) {
        gateway_.add(gateway_.mailbox(0), uid, crypto::random_bytes(limits::piece_bytes_max));
    }
    target_.writes_left = 2;
    EXPECT_EQ(back_up_now().error().reason, Reason::io);
    EXPECT_FALSE(Reader(target_, key_).find_snapshot(std::nullopt));
    const std::uint64_t before = target_.bytes_written;
    EXPECT_GT(before, 2 * limits::pack_bytes);
    target_.writes_left.reset();
    const auto done = back_up_now();
    ASSERT_TRUE(done);
    EXPECT_GT(done->found_bytes, 2 * limits::pack_bytes - 2 * limits::piece_bytes_max);
    EXPECT_LT(target_.bytes_written - before, limits::pack_bytes);
    EXPECT_TRUE(is_whole());
    EXPECT_TRUE(mail_of(*restored()) == mail_now());
}

TEST_F(BackingUpTest, ADamagedLatestOneIsLeftOut) {
    ASSERT_TRUE(back_up_now());
    gateway_.add(gateway_.mailbox(0), 900, "new\r\n");
    ASSERT_TRUE(back_up_now());
    target_.files[snapshot_name(2)][60] ^= 1;
    const auto third = back_up_now();
    ASSERT_TRUE(third);
    EXPECT_TRUE(third->is_after_damage);
    EXPECT_EQ(third->snapshot.number, 3u);
    EXPECT_TRUE(mail_of(*restored()) == mail_now());
}

TEST_F(BackingUpTest, EverythingAnewDoesNotLookAtWhatIsThere) {
    ASSERT_TRUE(back_up_now());
    for (auto& [name, bytes] : target_.files) {
        if (name.starts_with("packs/")) bytes[bytes.size() / 2] ^= 1;
    }
    EXPECT_FALSE(is_whole());
    ASSERT_TRUE(back_up_now(Extent::all));
    EXPECT_TRUE(is_whole());
}

TEST_F(BackingUpTest, WhatCannotBeGoneOnFromIsWrittenAgain) {
    ASSERT_TRUE(back_up_now());
    target_.files.erase(pack_name(0));
    const auto second = back_up_now();
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->is_after_damage);
    EXPECT_TRUE(is_whole());
}

TEST_F(BackingUpTest, ASecondOneCostsWhatIsNew) {
    for (std::uint32_t uid = 1; uid <= 2'100; ++uid) {
        gateway_.add(gateway_.mailbox(1), uid, AGateway::message(uid));
    }
    const auto first = back_up_now();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->new_messages, 2'160u);
    const auto same = back_up_now();
    ASSERT_TRUE(same);
    EXPECT_EQ(same->new_messages, 0u);
    EXPECT_LT(same->written_bytes, 1'000u);
    const std::string text = crypto::random_bytes(100'000);
    gateway_.add(gateway_.mailbox(1), 2'101, text);
    const auto more = back_up_now();
    ASSERT_TRUE(more);
    EXPECT_EQ(more->new_messages, 1u);
    // The message and one page of the mailbox's three.
    EXPECT_GT(more->written_bytes, text.size());
    EXPECT_LT(more->written_bytes, text.size() + first->written_bytes / 4);
    EXPECT_TRUE(mail_of(*restored()) == mail_now());
}

TEST_F(BackingUpTest, ChangedFlagsAndMovedMessagesAreNotReadAgain) {
    ASSERT_TRUE(back_up_now());
    namespace fs = std::filesystem;
    const std::string inbox = gateway_.mailbox(0);
    const std::string work = gateway_.mailbox(1, ".Work");
    // A flag; a message moved with a new UID; a mailbox renamed.
    const store::FileName flagged{1'700'000'000, 0x1003, AGateway::tag,
                                  std::uint32_t(AGateway::message(3).size()), 3};
    fs::rename(inbox + '/' + store::format_file_path(flagged, store::Place::fresh, 0),
               inbox + '/' + store::format_file_path(flagged, store::Place::cur, 0x10));
    for (const auto& entry : fs::directory_iterator(inbox + "/cur")) {
        if (!entry.path().string().contains("U=1:")) continue;
        gateway_.add(gateway_.mailbox(0, ".Archive"), 50, "x");
        fs::rename(entry.path(), gateway_.mailbox(0, ".Archive") +
                                     "/cur/1700000000.R0000000000000099.p3f2a91c0,S=9,U=51:2,S");
    }
    fs::rename(work, gateway_.mailbox(1, ".Projects"));
    const auto second = back_up_now();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->new_messages, 1u);
    EXPECT_TRUE(mail_of(*restored()) == mail_now());
}

TEST_F(BackingUpTest, AFileWithSeveralNamesIsWrittenOnce) {
    const std::string text = crypto::random_bytes(200'000);
    const std::string path = gateway_.add(gateway_.mailbox(0), 700, text);
    gateway_.add(gateway_.mailbox(1), 700, "x");
    std::filesystem::remove(gateway_.mailbox(1) + '/' + path);
    std::filesystem::create_hard_link(gateway_.mailbox(0) + '/' + path,
                                      gateway_.mailbox(1) + '/' + path);
    const auto done = back_up_now();
    ASSERT_TRUE(done);
    EXPECT_LT(done->written_bytes, 2 * text.size());
    EXPECT_TRUE(mail_of(*restored()) == mail_now());
}

TEST_F(BackingUpTest, LinksAndPipesAmongTheMessagesAreLeftOut) {
    put_file(gateway_.root() + "/secret", "not mail\n");
    const std::string inbox = gateway_.mailbox(0);
    std::filesystem::create_symlink(gateway_.root() + "/secret", inbox + "/cur/1.link:2,");
    ASSERT_EQ(mkfifo((inbox + "/new/2.pipe").c_str(), 0600), 0);
    const auto done = back_up_now();
    ASSERT_TRUE(done);
    EXPECT_EQ(done->snapshot.messages(), 60u);
}

TEST_F(BackingUpTest, TheQueueIsNotInIt) {
    ASSERT_TRUE(back_up_now());
    const auto files = restored();
    ASSERT_TRUE(files);
    EXPECT_FALSE(files->contains("queue/entry"));
    EXPECT_EQ(files->at("tls/key.pem"), "a key\n");
}

}  // namespace
}  // namespace postern::backup
