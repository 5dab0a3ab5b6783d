// getaddrinfo, connect, send; see log_socket.hpp.
#include "app/log_socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "app/syslog_message.hpp"
#include "base/utf8.hpp"

namespace postern::app {
namespace {

constexpr std::size_t addresses_max = 8;
constexpr int poll_slice_ms = 100;  // how late is_over is noticed

int error_of(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

// A server that has gone without a word is noticed within a minute or two.
void keep_alive(int fd) {
    const int on = 1, idle_s = 60, between_s = 15, unanswered_ms = log_send_timeout_s * 1'000;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between_s, sizeof between_s);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
}

}  // namespace

LogSocket::LogSocket(LogServer server, IsOver is_over)
    : server_(std::move(server)), is_over_(std::move(is_over)) {}

void LogSocket::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

LogSocket::Problem LogSocket::fail(const std::string& what, int error) {
    close();
    return error == 0 ? what : what + ": " + std::strerror(error);
}

bool LogSocket::is_stale() const {
    return server_.transport == LogTransport::udp &&
           Clock::now() - opened_ > std::chrono::seconds(log_name_again_s);
}

bool LogSocket::wait_for(short events, std::chrono::seconds at_most) const {
    const auto end = Clock::now() + at_most;
    while (Clock::now() < end && !is_over_()) {
        pollfd one{fd_, events, 0};
        if (poll(&one, 1, poll_slice_ms) > 0) return true;
    }
    return false;
}

LogSocket::Problem LogSocket::look_up() {
    addrinfo hints{};
    hints.ai_socktype = server_.transport == LogTransport::udp ? SOCK_DGRAM : SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(server_.port);
    const int status = getaddrinfo(server_.host.c_str(), port.c_str(), &hints, &found);
    if (status != 0) {
        if (!addresses_.empty()) return std::nullopt;
        return fail(status == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(status), 0);
    }
    addresses_.clear();
    for (const addrinfo* one = found; one != nullptr && addresses_.size() < addresses_max;
         one = one->ai_next) {
        Address address{};
        std::memcpy(&address.bytes, one->ai_addr, one->ai_addrlen);
        address.length = one->ai_addrlen;
        addresses_.push_back(address);
    }
    freeaddrinfo(found);
    return std::nullopt;
}

LogSocket::Problem LogSocket::open() {
    close();
    if (auto problem = look_up()) return problem;
    Problem problem = "no address";
    for (const Address& address : addresses_) {
        problem = connect_to(address);
        if (!problem || is_over_()) break;
    }
    return problem;
}

LogSocket::Problem LogSocket::connect_to(const Address& address) {
    const bool is_udp = server_.transport == LogTransport::udp;
    const int kind = (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
    fd_ = socket(address.bytes.ss_family, kind, 0);
    if (fd_ < 0) return fail("socket", errno);
    if (!is_udp) keep_alive(fd_);
    opened_ = Clock::now();
    const auto* to = reinterpret_cast<const sockaddr*>(&address.bytes);
    if (connect(fd_, to, address.length) == 0) return std::nullopt;
    if (errno != EINPROGRESS) return fail("connect", errno);
    if (!wait_for(POLLOUT, std::chrono::seconds(log_connect_timeout_s))) {
        return fail("connect", ETIMEDOUT);
    }
    if (const int error = error_of(fd_)) return fail("connect", error);
    return std::nullopt;
}

// A log server says nothing: what can be read is its end.
LogSocket::Problem LogSocket::refusal(int wait_ms) {
    pollfd one{fd_, POLLIN, 0};
    if (poll(&one, 1, wait_ms) <= 0) return std::nullopt;
    char ignored[1024];
    const ssize_t count = recv(fd_, ignored, sizeof ignored, MSG_DONTWAIT);
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) return std::nullopt;
    if (server_.transport == LogTransport::udp && count == 0) return std::nullopt;
    return count == 0 ? fail("the server has closed the connection", 0) : fail("send", errno);
}

LogSocket::Problem LogSocket::send(std::string_view message) {
    if (server_.transport == LogTransport::tcp) {
        if (auto problem = refusal(0)) return problem;
        return send_all(frame_syslog(message));
    }
    std::string datagram(message);
    cut_utf8(datagram, syslog_datagram_bytes_max);
    return send_all(datagram);
}

LogSocket::Problem LogSocket::send_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(std::size_t(count));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return fail("send", errno);
        if (!wait_for(POLLOUT, std::chrono::seconds(log_send_timeout_s))) {
            return fail("send", ETIMEDOUT);
        }
    }
    return std::nullopt;
}

}  // namespace postern::app
