// perf_event_open(2) and nothing else; see system_call_counter.hpp.
#include "load/system_call_counter.hpp"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "load/server_usage.hpp"

namespace postern::bench {
namespace {

std::optional<std::uint64_t> tracepoint_id() {
    for (const char* root : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
        std::ifstream file(std::string(root) + "/events/raw_syscalls/sys_enter/id");
        std::uint64_t id = 0;
        if (file >> id) return id;
    }
    return std::nullopt;
}

// Of a thread and its children on all processors, or of a control group on one.
int open_event(std::uint64_t id, int pid_or_group, int processor, unsigned long flags) {
    perf_event_attr event{};
    event.type = PERF_TYPE_TRACEPOINT;
    event.size = sizeof event;
    event.config = id;
    event.inherit = processor < 0 ? 1 : 0;
    return int(::syscall(SYS_perf_event_open, &event, pid_or_group, processor, -1,
                         flags | PERF_FLAG_FD_CLOEXEC));
}

std::vector<int> open_group(std::uint64_t id, const std::string& cgroup) {
    std::vector<int> events;
    const int group = ::open(cgroup.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group < 0) return events;
    const long processors = ::sysconf(_SC_NPROCESSORS_CONF);
    for (int i = 0; i < processors; ++i) {
        const int event = open_event(id, group, i, PERF_FLAG_PID_CGROUP);
        if (event >= 0) events.push_back(event);
    }
    ::close(group);
    return events;
}

}  // namespace

SystemCallCounter::~SystemCallCounter() {
    for (const int event : events_) ::close(event);
}

std::string SystemCallCounter::open(const std::vector<int>& pids, const std::string& cgroup) {
    const auto id = tracepoint_id();
    if (!id) return "system calls: no tracefs, or no right to it";
    if (!cgroup.empty()) events_ = open_group(*id, cgroup);
    if (is_open()) return {};
    for (const int thread : threads_of_server(pids, cgroup)) {
        const int event = open_event(*id, thread, -1, 0);
        if (event >= 0) events_.push_back(event);
    }
    if (is_open()) return {};
    return std::string("system calls: perf_event_open: ") + std::strerror(errno);
}

std::uint64_t SystemCallCounter::read() const {
    std::uint64_t sum = 0;
    for (const int event : events_) {
        std::uint64_t count = 0;
        if (::read(event, &count, sizeof count) == ssize_t(sizeof count)) sum += count;
    }
    return sum;
}

}  // namespace postern::bench
