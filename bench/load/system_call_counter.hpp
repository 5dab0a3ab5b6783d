// SystemCallCounter: how many system calls a server has made, counted by the kernel's tracepoint
// raw_syscalls:sys_enter through perf_event_open(2): of a control group of version 2, or of
// processes and what they start from then on. Needs root and tracefs. While it counts, every system
// call of the machine takes some 0.1 µs longer: count in a run of its own. What a ring does in the
// kernel is no system call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::bench {

class SystemCallCounter {
 public:
    SystemCallCounter() = default;
    SystemCallCounter(const SystemCallCounter&) = delete;
    SystemCallCounter& operator=(const SystemCallCounter&) = delete;
    ~SystemCallCounter();

    // Empty: it counts. Otherwise why it cannot. With a control group that cannot be counted, its
    // members are, as they are now.
    std::string open(const std::vector<int>& pids, const std::string& cgroup);
    bool is_open() const { return !events_.empty(); }
    // Since open(); 0 when it does not count.
    std::uint64_t read() const;

 private:
    std::vector<int> events_;  // descriptors
};

}  // namespace postern::bench
