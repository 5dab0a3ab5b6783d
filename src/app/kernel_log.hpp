// KernelLog: reads the kernel's log, which the appliance's scripts write to as well, and gives it
// to the RemoteLog, on a thread of its own. Each record is handed over once in the life of the
// machine, from its start on: a file of the machine's run directory says up to which ("boot id,
// space, sequence number of the last one, newline"); one that is lost or of another boot counts as
// none. While there is no server nothing is read: the kernel keeps it.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <string>
#include <thread>

#include "app/remote_log.hpp"

namespace postern::app {

// /dev/kmsg, for which one has to be root as a rule; words when it cannot be had.
std::expected<int, std::string> open_kernel_log();
// Empty when the kernel does not tell. Read before the process is confined.
std::string read_boot_id();

class KernelLog {
 public:
    // Each read of `fd`, which is its own from now on, gives one record.
    KernelLog(int fd, std::string boot_id, std::string state_path, RemoteLog& into);
    ~KernelLog();
    KernelLog(const KernelLog&) = delete;
    KernelLog& operator=(const KernelLog&) = delete;

 private:
    void work();
    bool read_one();
    void hand_over(const KernelRecord& record);
    void load_state();
    void save_state();

    int fd_;
    std::string boot_id_;
    std::string state_path_;
    RemoteLog& into_;
    std::uint64_t next_ = 0;  // the first sequence number that was not handed over
    std::uint64_t saved_ = 0;
    std::atomic<bool> is_ending_{false};
    std::thread thread_;
};

}  // namespace postern::app
