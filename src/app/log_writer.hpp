// LogWriter: takes finished log lines from any thread without a lock and writes them on a thread of
// its own, so that a slow terminal or journal never holds up a shard. Lines beyond
// log_lines_waiting_max are dropped and counted; the count is written when there is room again.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <thread>

#include "base/log.hpp"

namespace postern::app {

inline constexpr unsigned log_lines_waiting_max = 65'536;

class LogWriter {
 public:
    // Installs itself as the process's log sink. One at a time; `fd` stays the caller's.
    explicit LogWriter(int fd);
    ~LogWriter();  // writes what waits
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    void push(log::Level level, std::string_view line);

 private:
    struct Entry {
        Entry* next;
        std::string line;
    };
    void work();
    void write_all(Entry* newest_first);
    void write_text(std::string_view text) const;

    int fd_;
    std::atomic<Entry*> waiting_{nullptr};  // newest first
    std::atomic<unsigned> waiting_count_{0};
    std::atomic<unsigned> dropped_{0};
    std::atomic<unsigned> signal_{0};
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

}  // namespace postern::app
