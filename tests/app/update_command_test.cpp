// The commands on the appliance as people run them, on an appliance made of files. None starts the
// machine again: --no-reboot is in each.
#include "app/update_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/run_command.hpp"
#include "update/appliance_files.hpp"

namespace postern::app {
namespace {

using update::ApplianceFiles;
using update::FileParts;
using update::make_file;
using update::write_file;

class UpdateCommand : public testing::Test {
 protected:
    CommandOutcome run(const std::string& arguments, const std::string& before = {}) {
        const std::string command = before + " POSTERN_ROOT=" + files_.root() + " " +
                                    POSTERN_COMMAND + " " + arguments + " 2>&1";
        return run_command(command);
    }
    CommandOutcome install(const std::string& bytes, const std::string& options = "") {
        write_file(files_.update_path(), bytes);
        return run("update --no-reboot " + options + " " + files_.update_path());
    }

    ApplianceFiles files_;
};

TEST_F(UpdateCommand, WrongArgumentsAreRefused) {
    for (const char* wrong : {"update", "update --no-reboot", "update status extra more",
                              "update boot-variable", "factory-reset now"}) {
        EXPECT_EQ(run(wrong).status, 2) << wrong;
    }
}

TEST_F(UpdateCommand, ElsewhereItSaysThatThereAreNoSlots) {
    write_file(files_.root() + "/run/appliance/boot", "");
    const CommandOutcome result = install(make_file({}));
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.text, "postern: this system is not the appliance: it has no slots\n");
    EXPECT_EQ(run("update status").status, 1);
    EXPECT_EQ(run("factory-reset --yes --no-reboot").status, 1);
    EXPECT_FALSE(update_status());
}

TEST_F(UpdateCommand, EachRefusalIsSaidAndChangesNothing) {
    const std::string block = files_.block();
    const std::string good = make_file({});
    const auto expect = [&](const std::string& bytes, const std::string& words) {
        const CommandOutcome result = install(bytes);
        EXPECT_EQ(result.status, 1);
        EXPECT_NE(result.text.find("postern: " + words + "\n"), std::string::npos) << result.text;
    };
    expect(update::manifest_text({}) + FileParts{}.slot, "the update is not signed");
    expect(make_file({.seed = update::other_seed}),
           "the update is not signed with a key that this machine trusts");
    expect(good.substr(0, good.size() - 10),
           "the file is cut off: 9990 of 10000 bytes of the slot are there");
    expect(make_file({.arch = "arm64"}), "the update is for arm64, this machine is amd64");
    expect(make_file({.version = "0.0.9", .minimum = "0.0.1"}),
           "version 0.0.9 is older than 0.1.0, the oldest that can read this machine's data");
    EXPECT_EQ(install(good, "--json").status, 0);
    files_.set_block("cur=a\nleft=3\nother_ok=1\nrolled=0\n");
    std::filesystem::remove(files_.root() + "/run/appliance/healthy");
    expect(good, "this system has not been found healthy yet");
    EXPECT_EQ(files_.block(), block);
    const CommandOutcome json = install("x", "--json");
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(nlohmann::json::parse(json.text)["reason"], "not_now");
}

TEST_F(UpdateCommand, InstallsAndSaysSo) {
    const CommandOutcome result = install(make_file({}));
    EXPECT_EQ(result.status, 0) << result.text;
    EXPECT_NE(result.text.find("version 0.2.0 is installed and is tried at the next boot"),
              std::string::npos);
    EXPECT_NE(run("update status").text.find("The next boot tries slot b."), std::string::npos);
    EXPECT_EQ(run("update boot-variable cur").text, "b\n");
    EXPECT_EQ(run("update bless").status, 0);
    EXPECT_EQ(run("update boot-variable cur").text, "a\n");
}

TEST_F(UpdateCommand, StatusSaysWhatWasGivenUp) {
    files_.set_block("cur=a\nleft=3\nother_ok=0\nrolled=b\n");
    const auto json = nlohmann::json::parse(run("update status --json").text);
    EXPECT_EQ(json["given_up"], "b");
    EXPECT_EQ(json["slot"], "a");
    EXPECT_EQ(json["version"], "0.1.5");
    EXPECT_FALSE(json["can_fall_back"]);
    EXPECT_NE(run("update status").text.find("The update in slot b did not become healthy"),
              std::string::npos);
}

TEST_F(UpdateCommand, FactoryResetWantsAWord) {
    const std::string block = files_.block();
    EXPECT_EQ(run("factory-reset --no-reboot", "echo yes |").status, 2);
    EXPECT_EQ(run("factory-reset --no-reboot </dev/null").status, 2);
    EXPECT_EQ(run("factory-reset --no-reboot --json", "echo erase |").status, 2);
    EXPECT_EQ(files_.block(), block);
    const CommandOutcome asked = run("factory-reset --no-reboot", "echo erase |");
    EXPECT_EQ(asked.status, 0);
    EXPECT_NE(asked.text.find("This erases all mail"), std::string::npos);
    EXPECT_EQ(run("update boot-variable reset").text, "1\n");
    EXPECT_EQ(run("update boot-variable reset 0").status, 0);
    EXPECT_EQ(run("factory-reset --no-reboot --yes").status, 0);
    EXPECT_EQ(run("update boot-variable reset").text, "1\n");
}

}  // namespace
}  // namespace postern::app
