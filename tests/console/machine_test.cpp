// What the kernel says, as texts.
#include "console/machine.hpp"

#include <gtest/gtest.h>

namespace postern::console {
namespace {

TEST(Machine, NonsenseIsNothing) {
    for (const char* text : {"", "MemTotal:", "MemTotal: many kB\nMemAvailable:\n", "x"}) {
        EXPECT_EQ(parse_memory(text).bytes, 0U) << text;
        EXPECT_EQ(parse_memory(text).bytes_available, 0U) << text;
    }
    EXPECT_EQ(parse_setting("slotted=b\nslot", "slot"), "");
}

TEST(Machine, MemoryAndSettings) {
    const Memory memory = parse_memory(
        "MemTotal:        2048 kB\nMemFree:          100 kB\nMemAvailable:    1024 kB\n");
    EXPECT_EQ(memory.bytes, 2U * 1024 * 1024);
    EXPECT_EQ(memory.bytes_available, 1024U * 1024);
    EXPECT_EQ(parse_setting("disk=vda\nslot=a\n", "slot"), "a");
    EXPECT_EQ(parse_setting("slot=a disk=vda device=/dev/vda3\n", "slot"), "a");
    EXPECT_EQ(parse_setting("slot=a disk=vda device=/dev/vda3\n", "device"), "/dev/vda3");
    EXPECT_EQ(parse_setting("slot=\x1b[2J", "slot"), "\\x1b[2J");
}

TEST(Machine, IsSaidAsJsonAndInWords) {
    Machine machine;
    machine.host_name = "mail";
    machine.addresses = {{"eth0", "192.0.2.1/24"}};
    machine.alarms = {"the disk is full"};
    machine.time_zone = "Europe/Lisbon";
    machine.log_servers = "udp:a:514";
    const std::string json = format_machine_json(machine);
    EXPECT_NE(json.find(R"("addresses":[{"interface":"eth0","address":"192.0.2.1/24"}])"),
              std::string::npos)
        << json;
    EXPECT_NE(json.find(R"("time_zone":"Europe/Lisbon")"), std::string::npos) << json;
    EXPECT_NE(format_machine(machine).find("time zone  Europe/Lisbon\n"), std::string::npos);
    EXPECT_NE(json.find(R"("log_servers":"udp:a:514")"), std::string::npos) << json;
    EXPECT_NE(format_machine(machine).find("log to     udp:a:514\n"), std::string::npos);
    EXPECT_NE(format_machine(machine).find("ALARM      the disk is full"), std::string::npos);
    EXPECT_GT(read_machine("/").disk_bytes, 0U);
}

}  // namespace
}  // namespace postern::console
