// A stack of lines that the writer takes whole and turns round; see log_writer.hpp.
#include "app/log_writer.hpp"

#include <unistd.h>
#include <csignal>
#include <ctime>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>

#include "base/utc_text.hpp"

namespace postern::app {
namespace {

constexpr auto log_gather_delay = std::chrono::milliseconds(5);

std::atomic<LogWriter*> installed{nullptr};

void sink(log::Level level, std::string_view line) {
    if (LogWriter* writer = installed.load(std::memory_order_acquire)) writer->push(level, line);
}

std::int64_t now_ms() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1'000 + now.tv_nsec / 1'000'000;
}

std::string time_stamp(std::int64_t unix_ms) {
    return format_utc(unix_ms, 'T') + "Z ";
}

}  // namespace

LogWriter::LogWriter(int fd, RemoteLog* remote) : fd_(fd), remote_(remote) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    assert(installed.load() == nullptr);
    installed.store(this, std::memory_order_release);
    log::set_sink(sink);
}

LogWriter::~LogWriter() {
    if (remote_ != nullptr) remote_->end_voice();
    log::set_sink(nullptr);
    installed.store(nullptr);
    ending_.store(true);
    signal_.fetch_add(1);
    signal_.notify_one();
    thread_.join();
}

void LogWriter::push(log::Level level, std::string_view line) {
    if (waiting_count_.fetch_add(1, std::memory_order_relaxed) >= log_lines_waiting_max) {
        waiting_count_.fetch_sub(1, std::memory_order_relaxed);
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    const std::int64_t now = now_ms();
    auto* entry = new Entry{nullptr, time_stamp(now), level, now};
    entry->line += line;
    entry->line += '\n';
    Entry* head = waiting_.load(std::memory_order_relaxed);
    do {
        entry->next = head;
    } while (!waiting_.compare_exchange_weak(head, entry, std::memory_order_release,
                                             std::memory_order_relaxed));
    if (head == nullptr) {
        signal_.fetch_add(1);
        signal_.notify_one();
    }
}

void LogWriter::work() {
    for (;;) {
        unsigned seen = signal_.load();
        bool ending = ending_.load();
        write_all(waiting_.exchange(nullptr, std::memory_order_acquire));
        if (ending) return;
        signal_.wait(seen);
        // Lines come in bursts: a moment later there are more, and one write serves them all.
        if (!ending_.load()) std::this_thread::sleep_for(log_gather_delay);
    }
}

void LogWriter::write_all(Entry* newest_first) {
    Entry* oldest_first = nullptr;
    while (newest_first != nullptr) {
        Entry* next = newest_first->next;
        newest_first->next = oldest_first;
        oldest_first = newest_first;
        newest_first = next;
    }
    std::string text;
    while (oldest_first != nullptr) {
        text += oldest_first->line;
        remember(oldest_first->line);
        forward(*oldest_first);
        Entry* next = oldest_first->next;
        delete oldest_first;
        oldest_first = next;
        waiting_count_.fetch_sub(1, std::memory_order_relaxed);
        if (text.size() > 32 * 1024) {
            write_text(text);
            text.clear();
        }
    }
    if (unsigned dropped = dropped_.exchange(0)) {
        const std::int64_t now = now_ms();
        const Entry entry{nullptr,
                          time_stamp(now) + "level=warning event=log.dropped lines=" +
                              std::to_string(dropped) + "\n",
                          log::Level::warning, now};
        text += entry.line;
        forward(entry);
    }
    write_text(text);
}

// A syslog message has a time stamp of its own.
void LogWriter::forward(const Entry& entry) const {
    if (remote_ == nullptr) return;
    std::string_view line = entry.line;
    line.remove_prefix(line.find(' ') + 1);
    line.remove_suffix(1);
    remote_->push(entry.level, entry.unix_ms, line);
}

// The line ends in its newline.
void LogWriter::remember(std::string_view line) {
    line = line.substr(0, std::min(line.size() - 1, log_line_remembered_bytes_max));
    const std::lock_guard lock(mutex_);
    if (remembered_.size() == log_lines_remembered_max) remembered_.pop_front();
    remembered_.emplace_back(line);
}

std::vector<std::string> LogWriter::recent_lines() const {
    const std::lock_guard lock(mutex_);
    return {remembered_.begin(), remembered_.end()};
}

void LogWriter::write_text(std::string_view text) const {
    while (!text.empty()) {
        ssize_t count = write(fd_, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;  // nowhere to write to: nothing better can be done
        text.remove_prefix(std::size_t(count));
    }
}

}  // namespace postern::app
