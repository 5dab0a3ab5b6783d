// Where backups go and when: what is refused changes nothing; jobs of the console.
#include "app/backup_settings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/backup_job.hpp"
#include "base/temporary_directory.hpp"
#include "console/cells.hpp"

namespace postern::app {
namespace {

using console::Json;

class BackupSettings : public testing::Test {
 protected:
    void SetUp() override {
        const std::string data = place_ / "data";
        std::filesystem::create_directory(data);
        std::filesystem::create_directory(place_ / "disk");
        arguments_.config = place_ / "postern.toml";
        std::ofstream(arguments_.config)
            << "data_directory = \"" << data << "\"\n[[listener]]\nprotocol = \"smtp\"\n";
    }
    BackupSite site() { return open_backup_site(arguments_).value(); }
    BackupChange change_to(const std::string& target, const std::string& time = "") {
        BackupChange change{target, {}, time, {}, {}};
        change.passphrase = [this](Passphrase) -> backup::Outcome<std::string> {
            ++asked_;
            return passphrase_;
        };
        return change;
    }
    std::string refusal(const std::string& target, const std::string& time = "") {
        const auto changed = change_backups(site(), change_to(target, time));
        return changed ? "" : changed.error().words;
    }

    TemporaryDirectory place_;
    BackupArguments arguments_;
    std::string passphrase_ = "a passphrase to test";
    int asked_ = 0;
};

TEST_F(BackupSettings, WhatIsRefusedChangesNothing) {
    const Json before = show_backups(site());
    for (const char* bad : {"disk", "./disk", "USB:", "ftp://host/", "/a\nb", "usb"}) {
        EXPECT_TRUE(refusal(bad).contains("a directory that begins with /")) << bad;
    }
    EXPECT_TRUE(refusal(place_ / "nowhere").contains("No such file"));
    EXPECT_TRUE(refusal(arguments_.config).contains("is no directory"));
    EXPECT_NE(refusal("usb:"), "") << "no appliance, or no stick";
    EXPECT_TRUE(refusal("", "25:00").contains("as 03:00"));
    EXPECT_TRUE(refusal(place_ / "disk", "x").contains("as 03:00"));
    EXPECT_EQ(asked_, 0);
    passphrase_ = "short";
    EXPECT_NE(refusal(place_ / "disk"), "");
    EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::path(place_ / "disk")));
    EXPECT_EQ(show_backups(site()), before);
    EXPECT_FALSE(take_nightly_turn(site()));
}

TEST_F(BackupSettings, ATargetIsBegunAndTakenUp) {
    auto changed = change_backups(site(), change_to(place_ / "disk", "4:05"));
    ASSERT_TRUE(changed) << changed.error().words;
    EXPECT_EQ(*changed, TargetChange::begun);
    EXPECT_EQ(*change_backups(site(), change_to(place_ / "disk")), TargetChange::taken_up);
    passphrase_ = "not the passphrase";
    EXPECT_NE(refusal(place_ / "disk"), "");
    const Json shown = show_backups(site());
    EXPECT_EQ(shown["target"], place_ / "disk");
    EXPECT_EQ(shown["time"], "04:05");
    EXPECT_TRUE(shown["run"].is_null());
    EXPECT_FALSE(take_nightly_turn(site())) << "its first night is yet to come";
}

TEST_F(BackupSettings, ATargetToRestoreFromIsRememberedApart) {
    arguments_.for_restore = true;
    BackupChange change = change_to(place_ / "disk");
    change.use = TargetUse::existing;
    const auto missing = change_backups(site(), change);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().reason, backup::Reason::no_backup);
    EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::path(place_ / "disk")));
    EXPECT_TRUE(show_backups(site())["target"].is_null());

    arguments_.for_restore = false;
    ASSERT_EQ(refusal(place_ / "disk"), "");
    std::filesystem::remove_all(std::filesystem::path(place_ / "backup"));
    arguments_.for_restore = true;
    ASSERT_EQ(*change_backups(site(), change), TargetChange::taken_up);
    EXPECT_EQ(show_backups(site())["target"], place_ / "disk");
    EXPECT_TRUE(open_backup_target(site(), arguments_)) << "nobody is asked";
    arguments_.for_restore = false;
    EXPECT_TRUE(show_backups(site())["target"].is_null());
    EXPECT_FALSE(take_nightly_turn(site())) << "nothing goes there before it is restored";
}

TEST_F(BackupSettings, WhatWasOpenedIsRemembered) {
    ASSERT_EQ(refusal(place_ / "disk"), "");
    const std::string key = site().remembered.target()->key;
    std::filesystem::remove_all(std::filesystem::path(place_ / "backup"));
    const backup::SftpAccess access{"secret", "", ""};
    ASSERT_TRUE(remember_target(site(), "sftp://a@b/c", key, access, "SHA256:x"));
    EXPECT_EQ(site().remembered.secret(sftp_password_name), "secret");
    EXPECT_EQ(show_backups(site())["host_key"], "SHA256:x");
    EXPECT_FALSE(take_nightly_turn(site())) << "its first night is yet to come";
    const auto known = sftp_access(site(), arguments_, "sftp://a@b/c");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->known_fingerprint, "SHA256:x");
    arguments_.sftp_host_key = "SHA256:y";
    EXPECT_EQ(sftp_access(site(), arguments_, "sftp://a@b/c")->known_fingerprint, "SHA256:y");
}

TEST_F(BackupSettings, ANightComesOnce) {
    ASSERT_EQ(refusal(place_ / "disk"), "");
    const BackupSite here = site();
    std::ofstream(here.remembered.directory() + "/last") << R"({"nightly":{"at_s":1000}})";
    EXPECT_TRUE(take_nightly_turn(here));
    EXPECT_FALSE(take_nightly_turn(here));
    std::ofstream(here.remembered.directory() + "/last") << "nonsense";
    EXPECT_TRUE(take_nightly_turn(here));
}

TEST_F(BackupSettings, TheFirstProblemIsTheError) {
    std::filesystem::create_directory(place_ / "backup");
    std::ofstream(place_ / "backup/last")
        << R"({"verify":{"ok":false,"problems":["one","two"]},"run":7,)"
        << R"("prune":{"ok":false,"error":"read-only"}})";
    const Json shown = show_backups(site());
    EXPECT_EQ(shown["verify"]["error"], "one");
    EXPECT_EQ(shown["prune"]["error"], "read-only");
    EXPECT_TRUE(shown["run"].is_null());
}

// A program in place of postern: `lines` of shell.
class Jobs : public testing::Test {
 protected:
    std::string program(const std::string& lines) {
        const std::string path = place_ / "program";
        std::ofstream(path) << "#!/bin/sh\n" << lines << "\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
    Json ended_state() {
        for (;;) {
            Json state = BackupJob(directory_).state();
            if (!console::flag_of(state, "running")) return state;
            usleep(1'000);
        }
    }
    TemporaryDirectory place_;
    std::string directory_ = place_ / ".";
};

TEST_F(Jobs, WhatIsNoJobIsNull) {
    EXPECT_TRUE(BackupJob(directory_).state().is_null());
    for (const char* bad : {"", "\n", "[]\n", "{\"ok\":true}\n"}) {
        std::ofstream(place_ / "job") << bad;
        EXPECT_TRUE(BackupJob(directory_).state().is_null()) << bad;
    }
}

TEST_F(Jobs, OneAtATimeAndItsAnswerIsKept) {
    const std::string path =
        program("echo '{\"step\":\"backing up\",\"percent\":40}'; while [ ! -e " + (place_ / "go") +
                " ]; do sleep 0.01; done; echo \"{\\\"ok\\\":true,\\\"words\\\":"
                "\\\"$*\\\"}\"");
    const BackupJob job(directory_, path);
    // The file that is being executed may not be open for writing any more: a fork of another test.
    BackupJob same(directory_, path);
    ASSERT_TRUE(same.start("run", {"backup", "run"}));
    EXPECT_FALSE(same.start("verify", {"backup", "verify"}));
    EXPECT_TRUE(console::flag_of(job.state(), "running"));
    EXPECT_EQ(job.state()["what"], "run");
    std::ofstream(place_ / "go") << "";
    const Json state = ended_state();
    EXPECT_EQ(state["percent"], 40);
    EXPECT_EQ(state["ok"], true);
    EXPECT_EQ(state["answer"]["words"], "--json backup run");
    EXPECT_TRUE(same.start("verify", {}));
    EXPECT_EQ(ended_state()["what"], "verify");
}

TEST_F(Jobs, OneThatIsKilledHasFailed) {
    BackupJob job(directory_, program("kill -9 $$"));
    ASSERT_TRUE(job.start("restore", {}));
    const Json state = ended_state();
    EXPECT_EQ(state["ok"], false);
    EXPECT_EQ(state["error"], "it ended early");
    EXPECT_FALSE(BackupJob(directory_, place_ / "nothing").start("run", {}));
}

TEST_F(Jobs, AShortOneAnswers) {
    EXPECT_EQ(
        run_for_answer({"a", "b"}, program("echo x; read line; echo \"$* $line\"; echo y >&2")),
        "--json a b ");
    EXPECT_FALSE(run_for_answer({}, program("exit 0")));
    EXPECT_FALSE(run_for_answer({}, place_ / "nothing"));
}

}  // namespace
}  // namespace postern::app
