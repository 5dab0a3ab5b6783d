// A name server on loopback for tests, over UDP and TCP, that answers by the first label of the
// question: well, or with one of the lies and silences that a resolver must survive.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

namespace postern::dns {

class LyingServer {
 public:
    LyingServer() {
        udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* any = reinterpret_cast<sockaddr*>(&address);
        socklen_t bytes = sizeof address;
        bind(udp_, any, bytes);
        getsockname(udp_, any, &bytes);
        port_ = ntohs(address.sin_port);
        bind(tcp_, any, bytes);
        listen(tcp_, 16);
        thread_ = std::thread([this] { serve(); });
    }
    ~LyingServer() {
        ending_.store(true);
        thread_.join();
        close(udp_);
        close(tcp_);
    }
    std::string address() const { return "127.0.0.1@" + std::to_string(port_); }
    std::atomic<unsigned> questions{0};

 private:
    void serve() {
        while (!ending_.load()) {
            pollfd waits[2] = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
            if (poll(waits, 2, 20) <= 0) continue;
            if ((waits[0].revents & POLLIN) != 0) serve_datagram();
            if ((waits[1].revents & POLLIN) != 0) serve_connection();
        }
    }
    void serve_datagram() {
        char buffer[2048];
        sockaddr_in peer{};
        socklen_t peer_bytes = sizeof peer;
        const ssize_t got = recvfrom(udp_, buffer, sizeof buffer, 0,
                                     reinterpret_cast<sockaddr*>(&peer), &peer_bytes);
        if (got < 12) return;
        const std::string reply = answer(std::string(buffer, std::size_t(got)), false);
        if (reply.empty()) return;
        sendto(udp_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&peer), peer_bytes);
    }
    void serve_connection() {
        const int fd = accept(tcp_, nullptr, nullptr);
        char buffer[2048];
        const ssize_t got = read(fd, buffer, sizeof buffer);
        if (got > 14) {
            const std::string reply = answer(std::string(buffer + 2, std::size_t(got) - 2), true);
            const std::string framed{char(reply.size() >> 8), char(reply.size())};
            [[maybe_unused]] auto sent = write(fd, (framed + reply).data(), reply.size() + 2);
        }
        close(fd);
    }
    static std::string record(const std::string& owner, unsigned type, const std::string& rdata) {
        return owner +
               std::string{
                   0, char(type), 0, 1, 0, 0, 1, 44, char(rdata.size() >> 8), char(rdata.size())} +
               rdata;
    }
    std::string answer(std::string question, bool over_tcp) {
        ++questions;
        std::size_t end = 12;
        while (question[end] != 0) end += std::size_t(question[end]) + 1;
        const std::string name = question.substr(12, end + 1 - 12);
        const std::string what = name.substr(1, std::size_t(name[0]));
        const unsigned type = static_cast<unsigned char>(question[end + 2]);
        question.resize(end + 5);
        question[2] = char(0x84);  // a response, authoritative
        question[3] = 0;
        question[7] = 1;
        for (int i = 8; i < 12; ++i) question[std::size_t(i)] = 0;
        const std::string mx = record("\xc0\x0c", 15, std::string("\0\12\2mx\xc0\x0c", 7));
        if (what == "hang") return {};
        if (what == "refuse") {
            question[3] = 5;
            question[7] = 0;
        } else if (what == "none") {
            question[3] = 3;
            question[7] = 0;
        } else if (what == "cut" && !over_tcp) {
            question[2] = char(0x86);  // truncated
            question[7] = 0;
        } else if (what == "wrongid") {
            question[0] = char(question[0] + 1);
            question += mx;
        } else if (what == "loop") {  // an alias for itself
            question += record("\xc0\x0c", 5, std::string("\xc0\x0c"));
        } else if (what == "junk") {
            question[7] = 9;
            question += "\xc0\xff\xff";
        } else if (type == 15) {
            question += mx;
        } else {
            question[7] = 0;
        }
        return question;
    }

    int udp_ = -1;
    int tcp_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

}  // namespace postern::dns
