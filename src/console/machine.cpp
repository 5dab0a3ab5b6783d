// The kernel's word on the machine; see machine.hpp.
#include "console/machine.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/ascii.hpp"
#include "console/cells.hpp"

namespace postern::console {
namespace {

constexpr const char* appliance_alarms = "/run/appliance/alarms";
constexpr const char* appliance_boot = "/run/appliance/boot";
constexpr const char* appliance_log_servers = "/data/config/log_servers";
constexpr const char* local_time = "/etc/localtime";
constexpr std::string_view zones = "/zoneinfo/";
constexpr std::size_t file_bytes_max = 64 * 1024;
constexpr std::size_t alarms_max = 16;

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::string text(file_bytes_max, '\0');
    file.read(text.data(), std::streamsize(text.size()));
    text.resize(std::size_t(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

int prefix_of(const sockaddr* mask) {
    if (mask == nullptr) return 0;
    if (mask->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, mask, sizeof in);
        return std::popcount(in.sin_addr.s_addr);
    }
    sockaddr_in6 in{};
    std::memcpy(&in, mask, sizeof in);
    int bits = 0;
    for (const std::uint8_t byte : in.sin6_addr.s6_addr) bits += std::popcount(byte);
    return bits;
}

// Nothing for what others cannot reach the machine at.
std::string format_global(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (address->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, address, sizeof in);
        return inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    }
    if (address->sa_family != AF_INET6) return {};
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    if (IN6_IS_ADDR_LINKLOCAL(&in.sin6_addr)) return {};
    return inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
}

std::vector<MachineAddress> read_addresses() {
    std::vector<MachineAddress> found;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return found;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0) continue;
        const std::string address = format_global(one->ifa_addr);
        if (address.empty()) continue;
        found.push_back(
            {one->ifa_name, address + "/" + std::to_string(prefix_of(one->ifa_netmask))});
    }
    freeifaddrs(list);
    return found;
}

std::vector<std::string> read_alarms() {
    std::vector<std::string> names, alarms;
    std::error_code problem;
    for (std::filesystem::directory_iterator at(appliance_alarms, problem), end;
         !problem && at != end && names.size() < alarms_max; at.increment(problem)) {
        names.push_back(at->path().string());
    }
    std::ranges::sort(names);
    for (const std::string& name : names) {
        const std::string text = read_text(name);
        alarms.push_back(escape_for_log(text.substr(0, text.find('\n'))));
    }
    return alarms;
}

ClockState read_clock() {
    timex state{};  // modes 0: nothing is changed
    if (adjtimex(&state) < 0) return ClockState::unknown;
    return (state.status & STA_UNSYNC) == 0 ? ClockState::synchronised : ClockState::free_running;
}

std::string read_time_zone() {
    std::error_code problem;
    const std::string path = std::filesystem::canonical(local_time, problem).string();
    const std::size_t at = path.find(zones);
    return at == std::string::npos ? std::string() : escape_for_log(path.substr(at + zones.size()));
}

const char* name_of(ClockState clock) {
    switch (clock) {
        case ClockState::synchronised: return "synchronised";
        case ClockState::free_running: return "free-running";
        case ClockState::unknown: break;
    }
    return "unknown";
}

}  // namespace

Memory parse_memory(std::string_view meminfo) {
    const auto kib = [&](std::string_view name) -> std::uint64_t {
        const std::size_t at = meminfo.find(name);
        if (at == std::string_view::npos) return 0;
        std::string_view rest = meminfo.substr(at + name.size());
        rest = trim_wsp(rest.substr(0, rest.find('\n')));
        return parse_decimal(rest.substr(0, rest.find(' '))).value_or(0);
    };
    return {kib("MemTotal:") * 1024, kib("MemAvailable:") * 1024};
}

std::string parse_setting(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(" \n"));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (word.starts_with(name) && word.substr(name.size()).starts_with('=')) {
            return escape_for_log(word.substr(name.size() + 1));
        }
    }
    return {};
}

Machine read_machine(const std::string& data_directory) {
    Machine machine;
    char host_name[256] = {};
    if (gethostname(host_name, sizeof host_name - 1) == 0) {
        machine.host_name = escape_for_log(host_name);
    }
    machine.addresses = read_addresses();
    struct sysinfo info{};
    if (sysinfo(&info) == 0) machine.uptime_s = std::uint64_t(info.uptime);
    machine.now_s = std::time(nullptr);
    machine.memory = parse_memory(read_text("/proc/meminfo"));
    struct statvfs disk{};
    if (!data_directory.empty() && statvfs(data_directory.c_str(), &disk) == 0) {
        machine.disk_bytes = std::uint64_t(disk.f_blocks) * disk.f_frsize;
        machine.disk_bytes_available = std::uint64_t(disk.f_bavail) * disk.f_frsize;
    }
    machine.clock = read_clock();
    machine.time_zone = read_time_zone();
    machine.slot = parse_setting(read_text(appliance_boot), "slot");
    if (!machine.slot.empty()) {
        const std::string servers = read_text(appliance_log_servers);
        machine.log_servers = escape_for_log(servers.substr(0, servers.find('\n')));
    }
    machine.alarms = read_alarms();
    return machine;
}

std::string format_machine_json(const Machine& machine) {
    Json addresses = Json::array();
    for (const MachineAddress& each : machine.addresses) {
        addresses.push_back({{"interface", each.interface}, {"address", each.address}});
    }
    return dump(
        {{"ok", true},
         {"host_name", machine.host_name},
         {"addresses", addresses},
         {"uptime_s", machine.uptime_s},
         {"time_s", machine.now_s},
         {"clock", name_of(machine.clock)},
         {"time_zone", machine.time_zone},
         {"log_servers", machine.log_servers},
         {"memory",
          {{"bytes", machine.memory.bytes}, {"bytes_available", machine.memory.bytes_available}}},
         {"disk",
          {{"bytes", machine.disk_bytes}, {"bytes_available", machine.disk_bytes_available}}},
         {"slot", machine.slot},
         {"alarms", machine.alarms}});
}

std::string format_machine(const Machine& machine) {
    std::ostringstream out;
    out << "host name  " << machine.host_name << "\n";
    for (const MachineAddress& each : machine.addresses) {
        out << "address    " << each.interface << " " << each.address << "\n";
    }
    if (!machine.time_zone.empty()) out << "time zone  " << machine.time_zone << "\n";
    if (!machine.log_servers.empty()) out << "log to     " << machine.log_servers << "\n";
    out << "up for     " << machine.uptime_s << " s\n"
        << "clock      " << format_time(machine.now_s) << " UTC, " << name_of(machine.clock) << "\n"
        << "memory     " << format_size(machine.memory.bytes_available) << " free of "
        << format_size(machine.memory.bytes) << "\n";
    if (machine.disk_bytes != 0) {
        out << "disk       " << format_size(machine.disk_bytes_available) << " free of "
            << format_size(machine.disk_bytes) << "\n";
    }
    if (!machine.slot.empty()) out << "slot       " << machine.slot << "\n";
    for (const std::string& alarm : machine.alarms) out << "ALARM      " << alarm << "\n";
    return out.str();
}

}  // namespace postern::console
