// A log server for tests, on loopback: a UDP socket, or a TCP one that takes octet-counted frames
// from one connection after the other. It waits for at most ten seconds for anything.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "app/log_server.hpp"

namespace postern::app {

class LogReceiver {
 public:
    explicit LogReceiver(LogTransport transport, std::uint16_t port = 0) : transport_(transport) {
        const bool is_udp = transport == LogTransport::udp;
        fd_ = socket(AF_INET, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);
        const int on = 1;
        setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        socklen_t length = sizeof address;
        EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        if (!is_udp) {
            EXPECT_EQ(listen(fd_, 8), 0);
        }
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
    }
    ~LogReceiver() { stop(); }
    LogReceiver(const LogReceiver&) = delete;
    LogReceiver& operator=(const LogReceiver&) = delete;

    void stop() {
        hang_up();
        if (fd_ >= 0) close(fd_);
        fd_ = -1;
    }
    // Ends the connection, so that the next message is looked for on the next one.
    void hang_up() {
        if (connection_ >= 0) close(connection_);
        connection_ = -1;
        bytes_.clear();
    }

    std::uint16_t port() const { return port_; }
    // As the configuration has it.
    std::string name(const std::string& host = "127.0.0.1") const {
        return (transport_ == LogTransport::udp ? "udp:" : "tcp:") + host + ":" +
               std::to_string(port_);
    }

    // Nothing when none comes, or it is no frame.
    std::optional<std::string> next(int wait_ms = 10'000) {
        return transport_ == LogTransport::udp ? next_datagram(wait_ms) : next_frame(wait_ms);
    }
    bool accept_one(int wait_ms = 10'000) {
        if (!is_readable(fd_, wait_ms)) return false;
        connection_ = accept(fd_, nullptr, nullptr);
        return connection_ >= 0;
    }

 private:
    static bool is_readable(int fd, int wait_ms) {
        pollfd one{fd, POLLIN, 0};
        return poll(&one, 1, wait_ms) > 0;
    }
    std::optional<std::string> next_datagram(int wait_ms) {
        if (!is_readable(fd_, wait_ms)) return std::nullopt;
        char bytes[65'536];
        const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
        return std::string(bytes, std::size_t(count));
    }
    std::optional<std::string> next_frame(int wait_ms) {
        if (connection_ < 0 && !accept_one(wait_ms)) return std::nullopt;
        for (;;) {
            const std::size_t space = bytes_.find(' ');
            if (space != bytes_.npos) {
                const std::size_t size = std::strtoul(bytes_.c_str(), nullptr, 10);
                if (bytes_.size() >= space + 1 + size) {
                    std::string message = bytes_.substr(space + 1, size);
                    bytes_.erase(0, space + 1 + size);
                    return message;
                }
            }
            if (!is_readable(connection_, wait_ms)) return std::nullopt;
            char bytes[4096];
            const ssize_t count = recv(connection_, bytes, sizeof bytes, 0);
            if (count <= 0) return std::nullopt;
            bytes_.append(bytes, std::size_t(count));
        }
    }

    LogTransport transport_;
    int fd_ = -1;
    int connection_ = -1;
    std::uint16_t port_ = 0;
    std::string bytes_;
};

}  // namespace postern::app
