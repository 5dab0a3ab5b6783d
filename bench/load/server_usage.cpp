// Reading /proc; see server_usage.hpp and proc(5).
#include "load/server_usage.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/ascii.hpp"
#include "engine/io.hpp"

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
    used.context_switches -= std::min(before.context_switches, after.context_switches);
    return used;
}

engine::task<Usage> used_now(const Settings* settings) {
    if (settings->server_pids.empty() && settings->server_cgroup.empty()) co_return Usage{};
    const auto read = [settings] {
        return read_usage(settings->server_pids, settings->server_cgroup);
    };
    co_return co_await engine::offload(read);
}

Usage read_usage(const std::vector<int>& pids, const std::string& cgroup) {
    const std::vector<int> all =
        cgroup.empty() ? with_descendants(pids, all_processes()) : members_of(cgroup);
    Usage usage;
    usage.processes = unsigned(all.size());
    std::optional<double> of_group;
    if (!cgroup.empty()) of_group = cpu_seconds_of_group(cgroup);
    usage.cpu_s = of_group ? *of_group : cpu_seconds_of(all);
    for (const int pid : all) {
        usage.context_switches += switches_of(pid);
        const std::string memory = read_text("/proc/" + std::to_string(pid) + "/smaps_rollup");
        usage.pss_bytes += value_of(memory, "\nPss:") * 1024;
    }
    return usage;
}

}  // namespace postern::bench
