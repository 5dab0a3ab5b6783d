// Socket addresses: numeric IPv4, IPv6 and Unix paths, to and from text. No name resolution.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace postern::engine {

class SocketAddress {
 public:
    SocketAddress() = default;
    int family() const { return storage_.any.sa_family; }
    const sockaddr* data() const { return &storage_.any; }
    socklen_t bytes() const { return bytes_; }

 private:
    friend Result<SocketAddress> parse_socket_address(const std::string&, std::uint16_t);
    friend Result<SocketAddress> unix_socket_address(const std::string&);
    union {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
        sockaddr_un local;
    } storage_{};
    socklen_t bytes_ = 0;
};

// "192.0.2.1", "2001:db8::1", "[::1]". Fails with ErrorCode::syntax on anything else.
Result<SocketAddress> parse_socket_address(const std::string& address, std::uint16_t port);
// Fails with ErrorCode::limit when the path does not fit (107 bytes).
Result<SocketAddress> unix_socket_address(const std::string& path);
// "192.0.2.1" or "2001:db8::1"; an IPv4-mapped IPv6 address is shown as IPv4; "" for others.
std::string format_address(const sockaddr* address);

// Gives a socket that is to connect its own address; the port is chosen later. Never blocks.
Result<void> bind_source(int fd, const std::string& address);

// A listening TCP socket that shares its port with the other shards' (SO_REUSEPORT). Accepted
// sockets inherit TCP_NODELAY. For an IPv6 address, IPv6 only. Never blocks.
Result<int> open_listening_socket(const std::string& address, std::uint16_t port);
// A listening Unix socket that replaces what a dead process left at `path`; mode 0600.
Result<int> open_listening_unix_socket(const std::string& path);
// Fails when somebody else listens on that port already, which SO_REUSEPORT alone would hide.
Result<void> check_port_is_free(const std::string& address, std::uint16_t port);

}  // namespace postern::engine
