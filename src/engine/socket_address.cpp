// Text to socket addresses and back; see socket_address.hpp.
#include "engine/socket_address.hpp"

#include <arpa/inet.h>

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
