// LogWriter: takes finished log lines from any thread without a lock and writes them on a thread of
// its own, so that a slow terminal or journal never holds up a shard. Lines beyond
// log_lines_waiting_max are dropped and counted; the count is written when there is room again.
// From its thread they go on to the RemoteLog.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/remote_log.hpp"
#include "base/log.hpp"

namespace postern::app {

inline constexpr unsigned log_lines_waiting_max = 65'536;
inline constexpr std::size_t log_lines_remembered_max = 1'000;
inline constexpr std::size_t log_line_remembered_bytes_max = 1'000;

class LogWriter {
 public:
    // Installs itself as the process's log sink. One at a time; `fd` stays the caller's. `remote`,
    // if any, outlives it.
    explicit LogWriter(int fd, RemoteLog* remote = nullptr);
    ~LogWriter();  // writes what waits
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    void push(log::Level level, std::string_view line);
    // The last log_lines_remembered_max that were written. Takes a lock that the writer's thread
    // holds for moments: not for shards.
    std::vector<std::string> recent_lines() const;

 private:
    struct Entry {
        Entry* next;
        std::string line;  // from the time stamp to the newline
        log::Level level;
        std::int64_t unix_ms;
    };
    void work();
    void write_all(Entry* newest_first);
    void write_text(std::string_view text) const;
    void forward(const Entry& entry) const;
    void remember(std::string_view line);

    int fd_;
    RemoteLog* remote_;
    std::atomic<Entry*> waiting_{nullptr};  // newest first
    std::atomic<unsigned> waiting_count_{0};
    std::atomic<unsigned> dropped_{0};
    std::atomic<unsigned> signal_{0};
    std::atomic<bool> ending_{false};
    mutable std::mutex mutex_;  // of what is remembered
    std::deque<std::string> remembered_;
    std::thread thread_;
};

}  // namespace postern::app
