// What the machine itself says, read from the kernel without privileges: addresses, memory, disk,
// clock, and on the appliance the slot and the alarms that its scripts have raised. Blocking for
// moments; what cannot be read is left empty or 0, never an error: the status must show with half
// of a system gone. `postern machine` prints the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::console {

struct MachineAddress {
    std::string interface;
    std::string address;  // "192.0.2.10/24"
};

struct Memory {
    std::uint64_t bytes = 0;
    std::uint64_t bytes_available = 0;
};

enum class ClockState : unsigned char { unknown, synchronised, free_running };

struct Machine {
    std::string host_name;
    std::vector<MachineAddress> addresses;  // no loopback, no link-local ones
    std::uint64_t uptime_s = 0;
    std::int64_t now_s = 0;  // Unix seconds
    Memory memory;
    std::uint64_t disk_bytes = 0;  // of the file system that holds the mail
    std::uint64_t disk_bytes_available = 0;
    ClockState clock = ClockState::unknown;
    std::string time_zone;            // "Europe/Lisbon"
    std::string log_servers;          // of the appliance, as in its seed
    std::string slot;                 // of the appliance; empty elsewhere
    std::vector<std::string> alarms;  // the appliance's, each a sentence
};

// `data_directory` empty: nothing is known of the disk.
Machine read_machine(const std::string& data_directory);

// Of the text of /proc/meminfo.
Memory parse_memory(std::string_view meminfo);
// The value of `name=value` among words, of which several may be on a line.
std::string parse_setting(std::string_view text, std::string_view name);

// One line of JSON.
std::string format_machine_json(const Machine& machine);
// For people, a line a fact.
std::string format_machine(const Machine& machine);

}  // namespace postern::console
