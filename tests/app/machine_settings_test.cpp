// Settings of the appliance as people and the console change them, on an appliance made of files
// with a script of the test's own in place of the image's.
#include "app/machine_settings.hpp"

#include <gtest/gtest.h>

#include "app/local_requests.hpp"
#include "app/run_command.hpp"
#include "update/appliance_files.hpp"

namespace postern::app {
namespace {

class MachineSet : public testing::Test {
 protected:
    // A script that notes its arguments and then does this.
    void set_script(const std::string& lines) {
        const std::string path = files_.root() + "/usr/lib/postern/set-machine";
        update::write_file(path, "#!/bin/sh\nprintf '[%s]' \"$@\" >" + noted() + "\n" + lines);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    CommandOutcome run(const std::string& arguments) {
        return run_command("POSTERN_ROOT=" + files_.root() + " " + POSTERN_COMMAND +
                           " machine set " + arguments + " 2>&1");
    }
    std::string noted() const { return files_.root() + "/noted"; }

    update::ApplianceFiles files_;
};

TEST_F(MachineSet, WhatTheScriptRefusesIsSaid) {
    EXPECT_EQ(run("--host-name mail.example.test").status, 1) << "there is no script";
    set_script("echo 'host_name: not a full name'\necho never seen >&2\nexit 1\n");
    const CommandOutcome refused = run("--host-name mail 2>/dev/null --json");
    EXPECT_EQ(refused.status, 1);
    EXPECT_TRUE(refused.text.contains(R"({"error":"host_name: not a full name","ok":false})") ||
                refused.text.contains(R"({"ok":false,"error":"host_name: not a full name"})"))
        << refused.text;
    EXPECT_TRUE(run("--host-name mail").text.contains("postern: host_name: not a full name\n"));
}

TEST_F(MachineSet, OnlyOnTheAppliance) {
    set_script("exit 0\n");
    update::write_file(files_.root() + "/run/appliance/boot", "");
    const CommandOutcome result = run("--time-zone Europe/Lisbon");
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.text, "postern: this system is not the appliance: it has no slots\n");
    EXPECT_FALSE(update::read_small_file(noted()));
}

TEST_F(MachineSet, ValuesAreArgumentsAndNothingElse) {
    set_script("exit 0\n");
    EXPECT_EQ(run("--host-name 'a b;$(reboot)' --time-zone Europe/Lisbon").status, 0);
    EXPECT_EQ(update::read_small_file(noted()),
              "[host_name][a b;$(reboot)][time_zone][Europe/Lisbon]");
    EXPECT_EQ(run("--time-zone Etc/UTC").status, 0);
    EXPECT_EQ(update::read_small_file(noted()), "[time_zone][Etc/UTC]");
    EXPECT_EQ(run("--log-servers 'udp:a:514 tcp:[::1]:601'").status, 0);
    EXPECT_EQ(update::read_small_file(noted()), "[log_servers][udp:a:514 tcp:[::1]:601]");
}

TEST(MachineSetHere, TheConsoleAsksNoDaemonForIt) {
    const AskDaemon daemon = [](const std::string&) { return std::unexpected("asked"); };
    EXPECT_FALSE(answer_here(R"({"command":"status"})", daemon));
    const auto answer = answer_here(R"({"command":"machine.set","host_name":7})", daemon);
    EXPECT_TRUE(answer->contains("not the appliance")) << *answer;
}

}  // namespace
}  // namespace postern::app
