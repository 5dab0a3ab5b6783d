// Shared flushes of directories, one object a shard. A sync that is asked for while another of the
// same directory is in flight waits for the next one, which covers everybody who asked meanwhile:
// sixty-four concurrent deliveries into a mailbox need a handful of flushes.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/error.hpp"
#include "engine/event.hpp"
#include "engine/task.hpp"

namespace postern::store {

class DirectorySync {
 public:
    // Every entry made or removed in `path` before the call is durable when it returns success.
    engine::task<Result<void>> sync(std::string path);
    // engine::link_durably, with the flush shared where the kernel interface does not do it.
    engine::task<Result<void>> link(std::string from, std::string to);

 private:
    struct Entry {
        engine::Mutex mutex;
        std::uint64_t asked = 0;    // tickets given
        std::uint64_t covered = 0;  // tickets that the last flush answers
        unsigned users = 0;
        Result<void> outcome;  // of the last flush
    };
    static engine::task<Result<void>> sync_through(Entry* entry, const std::string* path);

    std::unordered_map<std::string, Entry> entries_;
};

}  // namespace postern::store
