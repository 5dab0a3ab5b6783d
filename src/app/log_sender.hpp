// LogSender: one log server's queue and the thread that empties it: one message after the other, in
// order, each until it has been handed over. While the server cannot be reached messages wait, up
// to two limits; more are dropped and counted, and what was dropped is said in the log when there
// is room again. Attempts have pauses between them that double. push() never waits.
//
// The thread may be in the middle of a lookup for half a minute: who ends the sender does not wait
// for that, so what it touches is shared with it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/log_server.hpp"
#include "app/log_socket.hpp"

namespace postern::app {

inline constexpr std::size_t log_messages_queued_max = 16'384;
inline constexpr std::size_t log_bytes_queued_max = 4 * 1024 * 1024;

struct LogSenderTimes {
    std::chrono::milliseconds pause{1'000};  // after the first failure
    std::chrono::milliseconds pause_max{60'000};
    std::chrono::milliseconds refusal_wait{1'000};  // UDP: until a server counts as there again
    std::chrono::milliseconds end_wait{1'000};      // for what waits, at the end
};

// Says things in the log for senders until it is ended: the log may go before their threads do.
class LogVoice {
 public:
    void say_lost(const std::string& server, const std::string& problem);
    void say_reached(const std::string& server);
    void say_full(const std::string& server);
    void say_dropped(const std::string& server, std::uint64_t messages);
    void end();

 private:
    std::mutex mutex_;
    bool is_over_ = false;
};

class LogSender {
 public:
    // `name`: as in the configuration.
    LogSender(std::string name, LogServer server, std::shared_ptr<LogVoice> voice,
              LogSenderTimes times = {});
    ~LogSender();  // end(), and waits for at most end_wait
    LogSender(const LogSender&) = delete;
    LogSender& operator=(const LogSender&) = delete;

    const std::string& name() const { return shared_->name; }
    void start();  // once; messages may be pushed before
    void push(std::shared_ptr<const std::string> message);
    // What waits is sent if that can be done within end_wait, from now on.
    void end();

 private:
    using Clock = std::chrono::steady_clock;
    using Message = std::shared_ptr<const std::string>;

    // What the thread and the owner share.
    struct Shared {
        std::string name;
        std::shared_ptr<LogVoice> voice;
        LogSenderTimes times;
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Message> queue;
        std::size_t queue_bytes = 0;
        std::uint64_t dropped = 0;
        std::optional<Clock::time_point> end_at;
        bool has_ended = false;  // the thread
    };
    class Work;

    std::shared_ptr<Shared> shared_;
    LogServer server_;
    std::thread thread_;
};

}  // namespace postern::app
