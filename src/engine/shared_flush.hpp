// SharedFlush: one syncfs(2) for the groups of all shards. Flushes of one file system take turns in
// its journal anyway: who asks while one is under way waits for the next, which is one for
// everybody who has asked by then. Where flushes are long, the next begins a moment later: what the
// last one has finished mostly asks for a second one, often by way of another shard. For the
// threads of commit groups (commit_group.hpp), any number.
//
// syncfs tells of what failed since its descriptor was opened, and it is somebody else's descriptor
// that a shared flush uses: so one that fails fails for all who had begun before it ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>

namespace postern::engine {

// Its syncfs(2) waits until data and journal are on the disk, the disk's caches flushed: ext4, XFS,
// Btrfs, F2FS.
bool has_durable_syncfs(int fd);

class SharedFlush {
 public:
    using Flush = int (*)(int fd);  // 0, or -errno

    explicit SharedFlush(Flush flush) : flush_(flush) {}
    SharedFlush(const SharedFlush&) = delete;
    SharedFlush& operator=(const SharedFlush&) = delete;

    // The process's, with syncfs.
    static SharedFlush& of_process();

    // Before the first of the files is opened that the flush is for; its value goes to flush().
    std::uint64_t begin();

    struct Outcome {
        int result = 0;       // 0: what was written since begin() is durable; -errno
        bool is_own = false;  // this call has flushed, for others too perhaps
    };
    // `fd` lies on `device` and stays open until the call returns.
    Outcome flush(int fd, std::uint64_t device, std::uint64_t begun);

 private:
    struct Device {
        std::uint64_t asked = 0;    // tickets given
        std::uint64_t covered = 0;  // tickets that are answered
        bool is_flushing = false;
        std::chrono::nanoseconds pause{0};  // before the next flush
    };
    int result_for(std::uint64_t begun) const;

    Flush flush_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::map<std::uint64_t, Device> devices_;
    std::uint64_t failures_ = 0;
    int last_failure_ = 0;
};

}  // namespace postern::engine
