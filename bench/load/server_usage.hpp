// What a server has used so far: of a process and all that it started, or of a control group. Reads
// /proc and /sys, so it blocks: on the offload pool. What cannot be read counts as nothing.
// CPU time of a process tree includes that of children which have ended and been waited for; it is
// exact to a tick (10 ms). A control group's is exact to a microsecond. Reads, writes and bytes are
// those of /proc/PID/io (kernels with CONFIG_TASK_IO_ACCOUNTING): calls of read(2) and write(2) and
// their kin, not what a ring does; bytes that became dirty, by whom they did.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::bench {

struct Usage {
    double cpu_s = 0;
    std::uint64_t context_switches = 0;  // of threads that live
    std::uint64_t pss_bytes = 0;  // proportional set size: shared memory divided by its users
    unsigned processes = 0;
    std::uint64_t read_write_calls = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t system_calls = 0;  // SystemCallCounter's
    std::uint64_t disk_flushes = 0;  // of the device, whoever asked for them
    std::uint64_t disk_bytes = 0;    // written to it
};

// What passed between two readings; memory and processes are those of the later one.
Usage operator-(const Usage& after, const Usage& before);

// `cgroup`: a directory of version 2 (cpu.stat) or of version 1's cpuacct; empty: by pids.
Usage read_usage(const std::vector<int>& pids, const std::string& cgroup);

std::uint64_t read_pss_bytes(const std::vector<int>& pids, const std::string& cgroup);
std::vector<int> threads_of_server(const std::vector<int>& pids, const std::string& cgroup);

// Of the device that a path lies on; of a partition, the whole disk: flushes are counted there.
struct DiskUsage {
    std::uint64_t flushes = 0;
    std::uint64_t written_bytes = 0;
};
DiskUsage read_disk(const std::string& path);
// /sys/dev/block/MAJOR:MINOR/stat: kernel documentation, block/stat.
DiskUsage parse_disk_stat(const std::string& text);

// The pids and all their descendants, given the parent of each process there is.
struct ProcessParent {
    int pid;
    int parent;
};
std::vector<int> with_descendants(const std::vector<int>& pids,
                                  const std::vector<ProcessParent>& all);

}  // namespace postern::bench
