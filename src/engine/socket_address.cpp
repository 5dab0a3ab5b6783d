// Text to socket addresses and back; see socket_address.hpp.
#include "engine/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace postern::engine {

Result<SocketAddress> parse_socket_address(const std::string& address, std::uint16_t port) {
    std::string text = address;
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        text = text.substr(1, text.size() - 2);
    }
    SocketAddress parsed;
    if (inet_pton(AF_INET, text.c_str(), &parsed.storage_.v4.sin_addr) == 1) {
        parsed.storage_.v4.sin_family = AF_INET;
        parsed.storage_.v4.sin_port = htons(port);
        parsed.bytes_ = sizeof(sockaddr_in);
        return parsed;
    }
    if (inet_pton(AF_INET6, text.c_str(), &parsed.storage_.v6.sin6_addr) == 1) {
        parsed.storage_.v6.sin6_family = AF_INET6;
        parsed.storage_.v6.sin6_port = htons(port);
        parsed.bytes_ = sizeof(sockaddr_in6);
        return parsed;
    }
    return fail_syntax("not a numeric IP address");
}

Result<SocketAddress> unix_socket_address(const std::string& path) {
    SocketAddress parsed;
    if (path.empty() || path.size() >= sizeof parsed.storage_.local.sun_path) {
        return fail_request(ErrorCode::limit, "socket path too long");
    }
    parsed.storage_.local.sun_family = AF_UNIX;
    std::memcpy(parsed.storage_.local.sun_path, path.c_str(), path.size() + 1);
    parsed.bytes_ = sizeof(sockaddr_un);
    return parsed;
}

namespace {

Result<int> open_tcp_socket(const SocketAddress& address) {
    int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail_errno(errno, "socket");
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.family() == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return fd;
}

Result<int> bind_and_listen(int fd, const SocketAddress& address) {
    if (bind(fd, address.data(), address.bytes()) == 0 && listen(fd, SOMAXCONN) == 0) return fd;
    int system_errno = errno;
    close(fd);
    return fail_errno(system_errno, "bind");
}

}  // namespace

Result<void> bind_source(int fd, const std::string& address) {
    auto parsed = parse_socket_address(address, 0);
    if (!parsed) return Failure(parsed.error());
    // Without it, binding would use up a port for every address that is connected to.
    const int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, parsed->data(), parsed->bytes()) != 0) return fail_errno(errno, "bind");
    return {};
}

Result<int> open_listening_socket(const std::string& address, std::uint16_t port) {
    auto parsed = parse_socket_address(address, port);
    if (!parsed) return Failure(parsed.error());
    auto fd = open_tcp_socket(*parsed);
    if (!fd) return fd;
    const int on = 1;
    setsockopt(*fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return bind_and_listen(*fd, *parsed);
}

Result<void> check_port_is_free(const std::string& address, std::uint16_t port) {
    auto parsed = parse_socket_address(address, port);
    if (!parsed) return Failure(parsed.error());
    auto fd = open_tcp_socket(*parsed);
    if (!fd) return Failure(fd.error());
    auto bound = bind_and_listen(*fd, *parsed);
    if (!bound) return Failure(bound.error());
    close(*bound);
    return {};
}

Result<int> open_listening_unix_socket(const std::string& path) {
    auto parsed = unix_socket_address(path);
    if (!parsed) return Failure(parsed.error());
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return fail_errno(errno, "socket");
    bool alive = connect(probe, parsed->data(), parsed->bytes()) == 0;
    close(probe);
    if (alive) return fail_errno(EADDRINUSE, "another daemon serves this control socket");
    unlink(path.c_str());
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail_errno(errno, "socket");
    const mode_t before = umask(0177);
    auto bound = bind_and_listen(fd, *parsed);
    umask(before);
    return bound;
}

std::string format_address(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text,
                  sizeof text);
    } else if (address->sa_family == AF_INET6) {
        const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&v6)) {
            inet_ntop(AF_INET, &v6.s6_addr[12], text, sizeof text);
        } else {
            inet_ntop(AF_INET6, &v6, text, sizeof text);
        }
    }
    return text;
}

}  // namespace postern::engine
