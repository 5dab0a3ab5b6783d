// What a server has used so far: of a process and all that it started, or of a control group. Reads
// /proc and /sys, so it blocks: on the offload pool. What cannot be read counts as nothing.
// CPU time of a process tree includes that of children which have ended and been waited for; it is
// exact to a tick (10 ms). A control group's is exact to a microsecond.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "load/settings.hpp"

namespace postern::bench {

struct Usage {
    double cpu_s = 0;
    std::uint64_t context_switches = 0;  // of threads that live
    std::uint64_t pss_bytes = 0;  // proportional set size: shared memory divided by its users
    unsigned processes = 0;
};

// What passed between two readings; memory and processes are those of the later one.
Usage operator-(const Usage& after, const Usage& before);

// `cgroup`: a directory of version 2 (cpu.stat) or of version 1's cpuacct; empty: by pids.
Usage read_usage(const std::vector<int>& pids, const std::string& cgroup);

// The server of these settings, read on the offload pool; nothing when they name none.
engine::task<Usage> used_now(const Settings* settings);

// The pids and all their descendants, given the parent of each process there is.
struct ProcessParent {
    int pid;
    int parent;
};
std::vector<int> with_descendants(const std::vector<int>& pids,
                                  const std::vector<ProcessParent>& all);

}  // namespace postern::bench
