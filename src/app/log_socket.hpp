// LogSocket: the way to one log server, a UDP socket or a TCP connection, for the thread that sends
// there: it blocks, within the limits below, and gives up early when `is_over` says so. The name is
// looked up at each opening, and for UDP every log_name_again_s; while it cannot be, the addresses
// of the last time are taken. Problems are words for people, and the socket is closed then.
//
// Neither transport says what has arrived: lines that were handed to a connection that then breaks
// may be lost. One that the server has closed is noticed before anything is handed to it.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/log_server.hpp"

namespace postern::app {

inline constexpr int log_connect_timeout_s = 10;
inline constexpr int log_send_timeout_s = 30;  // without a byte that is taken
inline constexpr int log_name_again_s = 600;

class LogSocket {
 public:
    using Problem = std::optional<std::string>;
    using IsOver = std::function<bool()>;

    LogSocket(LogServer server, IsOver is_over);
    ~LogSocket() { close(); }
    LogSocket(const LogSocket&) = delete;
    LogSocket& operator=(const LogSocket&) = delete;

    bool is_open() const { return fd_ >= 0; }
    Problem open();
    Problem send(std::string_view message);
    // Whether the server, or its machine, has said by now that nobody takes what was sent.
    Problem refusal(int wait_ms);
    void close();
    // UDP: the name is to be looked up again.
    bool is_stale() const;

 private:
    using Clock = std::chrono::steady_clock;
    struct Address {
        sockaddr_storage bytes;
        socklen_t length;
    };
    Problem look_up();
    Problem connect_to(const Address& address);
    Problem send_all(std::string_view bytes);
    Problem fail(const std::string& what, int error);
    // Whether poll(2) saw one of `events` in time.
    bool wait_for(short events, std::chrono::seconds at_most) const;

    LogServer server_;
    IsOver is_over_;
    std::vector<Address> addresses_;
    Clock::time_point opened_;
    int fd_ = -1;
};

}  // namespace postern::app
