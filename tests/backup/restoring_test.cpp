// Restores: damage, a running gateway, the power going at each step, and marks above all UIDs.
#include "backup/restoring.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/a_gateway.hpp"
#include "backup/test_faults.hpp"

namespace postern::backup {
namespace {

class RestoringTest : public BackupTest {
 protected:
    RestoringTest() { EXPECT_TRUE(back_up_now()); }

    Outcome<void> stage(Settings settings = Settings::kept) {
        Reader reader(target_, key_);
        const auto snapshot = reader.find_snapshot(std::nullopt);
        if (!snapshot) return std::unexpected(snapshot.error());
        return stage_restore(reader, *snapshot, gateway_.place(), settings, {});
    }
    Outcome<Plan> plan(Settings settings) {
        Reader reader(target_, key_);
        const auto snapshot = reader.find_snapshot(std::nullopt);
        if (!snapshot) return std::unexpected(snapshot.error());
        return plan_restore(reader, *snapshot, gateway_.place(), settings);
    }
};

TEST_F(RestoringTest, DamageIsSaidBeforeAnythingChanges) {
    const auto before = all_files(gateway_.data());
    for (auto& [name, bytes] : target_.files) {
        if (name.starts_with("packs/")) bytes[bytes.size() / 2] ^= 1;
    }
    const auto done = stage();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().reason, Reason::damaged);
    EXPECT_FALSE(is_restore_staged(gateway_.data()));
    EXPECT_TRUE(all_files(gateway_.data()) == before);
}

TEST_F(RestoringTest, AMissingPackIsDamage) {
    std::erase_if(target_.files, [](const auto& file) { return file.first.starts_with("packs"); });
    EXPECT_EQ(stage().error().reason, Reason::damaged);
}

TEST_F(RestoringTest, ARunningGatewayIsNotReplaced) {
    const int lock = open((gateway_.data() + "/lock").c_str(), O_RDWR | O_CREAT, 0600);
    ASSERT_EQ(flock(lock, LOCK_EX | LOCK_NB), 0);
    EXPECT_EQ(check_stopped(gateway_.data()).error().reason, Reason::not_now);
    ASSERT_TRUE(stage());
    EXPECT_EQ(finish_restore(gateway_.data()).error().reason, Reason::not_now);
    close(lock);
    EXPECT_TRUE(check_stopped(gateway_.data()));
    EXPECT_TRUE(finish_restore(gateway_.data()));
}

TEST_F(RestoringTest, WhereverTheSecondStepIsCutItGoesOn) {
    namespace fs = std::filesystem;
    const std::string data = gateway_.data();
    const auto wanted = mail_now();
    // As if it had ended after each of its renames.
    for (const char* part : {"accounts", "accounts.db", "tls"}) {
        for (const bool is_taken : {false, true}) {
            ASSERT_TRUE(stage());
            fs::create_directories(data + "/replaced");
            fs::rename(data + '/' + part, data + "/replaced/" + part);
            if (is_taken) fs::rename(data + "/restored/data/" + part, data + '/' + part);
            ASSERT_TRUE(finish_restore(data)) << part;
            EXPECT_TRUE(mail_now() == wanted);
            EXPECT_TRUE(fs::exists(data + "/accounts.db"));
            EXPECT_FALSE(is_restore_staged(data));
        }
    }
}

TEST_F(RestoringTest, WhatIsReplacedIsKeptAndTheQueueStays) {
    gateway_.add(gateway_.mailbox(0), 800, "after the backup\r\n");
    const auto later = mail_now();
    ASSERT_TRUE(stage());
    ASSERT_TRUE(finish_restore(gateway_.data()));
    EXPECT_EQ(mail_now().size(), later.size() - 1);
    EXPECT_EQ(mail_of(all_files(gateway_.data() + "/replaced")).size(), later.size());
    EXPECT_EQ(get_file(gateway_.data() + "/queue/entry"), "waits\n");
    // The next one does not keep two.
    ASSERT_TRUE(stage());
    EXPECT_FALSE(std::filesystem::exists(gateway_.data() + "/replaced"));
}

TEST_F(RestoringTest, ThePlanSaysWhatWillChange) {
    put_file(gateway_.config(),
             "data_directory = \"" + gateway_.data() + "\"\nhost_name = \"other.test\"\n");
    gateway_.add(gateway_.mailbox(0), 800, "after the backup\r\n");
    const auto plan = this->plan(Settings::restored);
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->accounts.size(), 2u);
    EXPECT_EQ(plan->accounts[0].address, "alice@example.test");
    EXPECT_EQ(plan->accounts[0].messages_now, 31u);
    EXPECT_EQ(plan->accounts[0].messages_restored, 30u);
    ASSERT_EQ(plan->settings.size(), 1u);
    EXPECT_EQ(plan->settings[0].kind, FileChange::Kind::changed);
    EXPECT_EQ(plan->settings[0].removed_lines,
              std::vector<std::string>{"host_name = \"other.test\""});
    EXPECT_EQ(plan->settings[0].added_lines, std::vector<std::string>{"host_name = \"mail.test\""});
}

TEST_F(RestoringTest, SettingsComeBackWhenWanted) {
    const std::string before = get_file(gateway_.config());
    put_file(gateway_.config(), "changed\n");
    ASSERT_TRUE(stage(Settings::kept));
    ASSERT_TRUE(finish_restore(gateway_.data()));
    EXPECT_EQ(get_file(gateway_.config()), "changed\n");
    ASSERT_TRUE(stage(Settings::restored));
    ASSERT_TRUE(finish_restore(gateway_.data()));
    EXPECT_EQ(get_file(gateway_.config()), before);
}

TEST_F(RestoringTest, SettingsAmongTheDataBelongToTheGateway) {
    if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
    constexpr uid_t gateway_user = 12'345;
    const std::string laid_over = gateway_.data() + "/settings.toml";
    put_file(laid_over, "as it was\n");
    Source source = gateway_.source();
    source.settings.push_back(laid_over);
    Reader reader(target_, key_);
    ASSERT_TRUE(back_up(source, reader, Extent::changes, {}));
    std::filesystem::remove(laid_over);
    ASSERT_EQ(chown(gateway_.data().c_str(), gateway_user, gateway_user), 0);
    ASSERT_TRUE(stage(Settings::restored));
    ASSERT_TRUE(finish_restore(gateway_.data()));
    EXPECT_EQ(get_file(laid_over), "as it was\n");
    struct stat state{};
    ASSERT_EQ(stat(laid_over.c_str(), &state), 0);
    EXPECT_EQ(state.st_uid, gateway_user);
    ASSERT_EQ(stat((gateway_.data() + "/accounts.db").c_str(), &state), 0);
    EXPECT_EQ(state.st_uid, gateway_user);
    ASSERT_EQ(stat(gateway_.config().c_str(), &state), 0);
    EXPECT_EQ(state.st_uid, 0u);
}

// What a client may have seen after the backup must mean nothing else later.
bool has_raised_marks(const std::map<std::string, std::string>& files) {
    for (const auto& [path, bytes] : files) {
        if (!path.ends_with("postern.mailbox")) continue;
        const auto state = store::parse_mailbox_state(bytes);
        if (!state || state->uid_validity != 77) return false;
        if (state->uid_next < 31 + limits::uid_gap) return false;
        if (state->modseq < 500 + limits::modseq_gap) return false;
    }
    return true;
}

TEST_F(RestoringTest, NoUidIsGivenAgain) {
    const auto files = restored();
    ASSERT_TRUE(files);
    EXPECT_TRUE(has_raised_marks(*files));
    EXPECT_TRUE(mail_of(*files) == mail_now());
    test_faults.marks_as_they_were = true;
    const auto faulty = restored();
    test_faults.marks_as_they_were = false;
    ASSERT_TRUE(faulty);
    EXPECT_FALSE(has_raised_marks(*faulty));
}

TEST_F(RestoringTest, WhatLiesBesideTheMessagesComesBack) {
    const auto now = all_files(gateway_.data());
    const auto files = restored();
    ASSERT_TRUE(files);
    int compared = 0;
    for (const auto& [path, bytes] : now) {
        if (!path.ends_with("subscriptions") && !path.ends_with("postern.acl")) continue;
        ++compared;
        ASSERT_TRUE(files->contains(path)) << path;
        EXPECT_EQ(files->at(path), bytes);
    }
    EXPECT_EQ(compared, 2);
}

}  // namespace
}  // namespace postern::backup
