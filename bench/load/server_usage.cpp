// Reading /proc; see server_usage.hpp and proc(5).
#include "load/server_usage.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/ascii.hpp"

namespace postern::bench {
namespace {

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<int> numbers_in(const std::string& directory) {
    std::vector<int> numbers;
    DIR* entries = ::opendir(directory.c_str());
    if (entries == nullptr) return numbers;
    while (const dirent* entry = ::readdir(entries)) {
        if (const auto number = parse_decimal32(entry->d_name)) numbers.push_back(int(*number));
    }
    ::closedir(entries);
    return numbers;
}

// The fields of /proc/PID/stat after the name, which may hold anything.
std::vector<std::string> stat_fields(int pid) {
    std::string text = read_text("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t end = text.rfind(')');
    std::vector<std::string> fields;
    if (end == std::string::npos) return fields;
    std::istringstream rest(text.substr(end + 1));
    for (std::string field; rest >> field;) fields.push_back(field);
    return fields;
}

constexpr std::size_t stat_parent = 1;  // from the state on, which is field 0 here
constexpr std::size_t stat_utime = 11;  // utime, stime, cutime, cstime follow each other
constexpr std::size_t stat_cstime = 14;

double cpu_seconds_of(const std::vector<int>& pids) {
    std::uint64_t ticks = 0;
    for (const int pid : pids) {
        const auto fields = stat_fields(pid);
        for (std::size_t i = stat_utime; i <= stat_cstime && i < fields.size(); ++i) {
            ticks += parse_decimal(fields[i]).value_or(0);
        }
    }
    return double(ticks) / double(::sysconf(_SC_CLK_TCK));
}

// The number behind `name` in a text of lines.
std::uint64_t value_of(const std::string& text, std::string_view name) {
    const std::size_t place = text.find(name);
    if (place == std::string::npos) return 0;
    std::istringstream rest(text.substr(place + name.size(), 40));
    std::uint64_t value = 0;
    rest >> value;
    return value;
}

std::uint64_t switches_of(int pid) {
    const std::string directory = "/proc/" + std::to_string(pid) + "/task";
    std::uint64_t sum = 0;
    for (const int thread : numbers_in(directory)) {
        const std::string text = read_text(directory + "/" + std::to_string(thread) + "/status");
        sum += value_of(text, "\nvoluntary_ctxt_switches:");
        sum += value_of(text, "\nnonvoluntary_ctxt_switches:");
    }
    return sum;
}

std::optional<double> cpu_seconds_of_group(const std::string& cgroup) {
    const std::string newer = read_text(cgroup + "/cpu.stat");
    if (!newer.empty()) return double(value_of(newer, "usage_usec")) / 1e6;
    const std::string older = read_text(cgroup + "/cpuacct.usage");
    if (!older.empty()) return double(value_of(older, "")) / 1e9;
    return std::nullopt;
}

std::vector<int> members_of(const std::string& cgroup) {
    std::vector<int> pids;
    std::istringstream text(read_text(cgroup + "/cgroup.procs"));
    for (int pid; text >> pid;) pids.push_back(pid);
    return pids;
}

std::vector<ProcessParent> all_processes() {
    std::vector<ProcessParent> all;
    for (const int pid : numbers_in("/proc")) {
        const auto fields = stat_fields(pid);
        if (fields.size() <= stat_parent) continue;
        all.push_back({pid, int(parse_decimal32(fields[stat_parent]).value_or(0))});
    }
    return all;
}

std::vector<int> processes_of(const std::vector<int>& pids, const std::string& cgroup) {
    return cgroup.empty() ? with_descendants(pids, all_processes()) : members_of(cgroup);
}

std::uint64_t pss_bytes_of(int pid) {
    const std::string memory = read_text("/proc/" + std::to_string(pid) + "/smaps_rollup");
    return value_of(memory, "\nPss:") * 1024;
}

constexpr std::size_t disk_sectors_written = 6;  // fields from 0
constexpr std::size_t disk_flushes_done = 15;
constexpr std::uint64_t sector_bytes = 512;

}  // namespace

std::vector<int> with_descendants(const std::vector<int>& pids,
                                  const std::vector<ProcessParent>& all) {
    std::vector<int> found = pids;
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (const ProcessParent& process : all) {
            if (process.parent == found[i] &&
                std::ranges::find(found, process.pid) == found.end()) {
                found.push_back(process.pid);
            }
        }
    }
    return found;
}

Usage operator-(const Usage& after, const Usage& before) {
    Usage used = after;
    used.cpu_s -= before.cpu_s;
    // What belonged to a process that has ended is counted no more.
    const auto take = [](std::uint64_t& value, std::uint64_t earlier) {
        value -= std::min(earlier, value);
    };
    take(used.context_switches, before.context_switches);
    take(used.read_write_calls, before.read_write_calls);
    take(used.written_bytes, before.written_bytes);
    take(used.system_calls, before.system_calls);
    take(used.disk_flushes, before.disk_flushes);
    take(used.disk_bytes, before.disk_bytes);
    return used;
}

std::uint64_t read_pss_bytes(const std::vector<int>& pids, const std::string& cgroup) {
    std::uint64_t bytes = 0;
    for (const int pid : processes_of(pids, cgroup)) bytes += pss_bytes_of(pid);
    return bytes;
}

std::vector<int> threads_of_server(const std::vector<int>& pids, const std::string& cgroup) {
    std::vector<int> threads;
    for (const int pid : processes_of(pids, cgroup)) {
        const auto own = numbers_in("/proc/" + std::to_string(pid) + "/task");
        threads.insert(threads.end(), own.begin(), own.end());
    }
    return threads;
}

DiskUsage parse_disk_stat(const std::string& text) {
    DiskUsage usage;
    std::istringstream fields(text);
    std::uint64_t value = 0;
    for (std::size_t i = 0; fields >> value; ++i) {
        if (i == disk_sectors_written) usage.written_bytes = value * sector_bytes;
        if (i == disk_flushes_done) usage.flushes = value;
    }
    return usage;
}

DiskUsage read_disk(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return {};
    std::string device = "/sys/dev/block/" + std::to_string(major(status.st_dev)) + ":" +
                         std::to_string(minor(status.st_dev));
    std::error_code failed;
    device = std::filesystem::canonical(device, failed).string();
    if (failed) return {};  // no block device: tmpfs, or one of several
    if (std::filesystem::exists(device + "/partition", failed)) device += "/..";
    return parse_disk_stat(read_text(device + "/stat"));
}

Usage read_usage(const std::vector<int>& pids, const std::string& cgroup) {
    const std::vector<int> all = processes_of(pids, cgroup);
    Usage usage;
    usage.processes = unsigned(all.size());
    std::optional<double> of_group;
    if (!cgroup.empty()) of_group = cpu_seconds_of_group(cgroup);
    usage.cpu_s = of_group ? *of_group : cpu_seconds_of(all);
    for (const int pid : all) {
        usage.context_switches += switches_of(pid);
        usage.pss_bytes += pss_bytes_of(pid);
        const std::string io = "\n" + read_text("/proc/" + std::to_string(pid) + "/io");
        usage.read_write_calls += value_of(io, "\nsyscr:") + value_of(io, "\nsyscw:");
        usage.written_bytes += value_of(io, "\nwrite_bytes:");
    }
    return usage;
}

}  // namespace postern::bench
