// What is done to the machine as a whole: only on an appliance, only after a yes; and the file for
// support, without secrets. `reboot` and `poweroff` are scripts that note that they were called.
#include "app/machine_actions.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/run_command.hpp"
#include "base/temporary_directory.hpp"
#include "update/appliance_files.hpp"

namespace postern::app {
namespace {

class MachineActions : public testing::Test {
 protected:
    MachineActions() {
        for (const char* name : {"reboot", "poweroff"}) {
            const std::string path = directory_ / name;
            std::ofstream(path) << "#!/bin/sh\ntouch " << directory_ / "called-" << name << "\n";
            chmod(path.c_str(), 0755);
        }
    }
    CommandOutcome run(const std::string& arguments, const std::string& input = {}) {
        return run_command("echo '" + input + "' | PATH=" + directory_.path() +
                           ":$PATH POSTERN_ROOT=" + root_ + " " + POSTERN_COMMAND +
                           " --socket /nonexistent/socket " + arguments + " 2>&1");
    }
    bool was_called(const std::string& name) const {
        return std::filesystem::exists(directory_ / "called-" + name);
    }

    TemporaryDirectory directory_;
    update::ApplianceFiles files_;
    std::string root_ = files_.root();
};

TEST_F(MachineActions, NeedAYes) {
    EXPECT_EQ(run("reboot", "no").status, 2);
    EXPECT_EQ(run("power-off", "").status, 2);
    EXPECT_EQ(run("reboot --json").status, 2);
    EXPECT_FALSE(was_called("reboot"));
    EXPECT_EQ(run("reboot", "yes").status, 0);
    EXPECT_TRUE(was_called("reboot"));
    EXPECT_EQ(run("power-off --yes").status, 0);
    EXPECT_TRUE(was_called("poweroff"));
}

TEST_F(MachineActions, AreForTheApplianceAlone) {
    root_ = directory_ / "nothing";
    EXPECT_EQ(run("reboot --yes").status, 1);
    EXPECT_FALSE(was_called("reboot"));
    const CommandOutcome stick = run("support-bundle usb:");
    EXPECT_NE(stick.status, 0) << stick.text;
}

TEST_F(MachineActions, TheBundleSaysWhatCannotBeHad) {
    const std::string path = directory_ / "bundle.txt";
    const CommandOutcome done = run("support-bundle " + path);
    EXPECT_EQ(done.status, 0) << done.text;
    EXPECT_TRUE(done.text.contains("written to " + path)) << done.text;
    std::ifstream file(path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    for (const char* part :
         {"=== machine\n", "=== slots\n", "=== status\nposternd is not running",
          "=== network.show\n{\"ok\":true", "=== configuration\n", "=== log\n"}) {
        EXPECT_TRUE(text.contains(part)) << part << text;
    }
    EXPECT_EQ(run("support-bundle /nonexistent/file").status, 1);
}

TEST(SupportBundle, LeavesPasswordsOut) {
    EXPECT_EQ(without_passwords("a = 1\nPassword = \"x\"\npassword_file = \"/p\"\n# secret=1\n"),
              "a = 1\nPassword = (left out)\npassword_file = \"/p\"\n# secret= (left out)\n");
}

}  // namespace
}  // namespace postern::app
