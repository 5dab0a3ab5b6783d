// The client's end of the control socket; see postern/control_client.hpp. Runs in the postern
// command and in tests, never in the daemon.
#include "postern/control_client.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace postern {
namespace {

std::string describe_connect_error(const std::string& path, int error) {
    if (error == ENOENT || error == ECONNREFUSED) {
        return "posternd is not running, or not with this control socket: " + path;
    }
    return "the control socket " + path + " cannot be used: " + std::strerror(error);
}

}  // namespace

std::expected<ControlClient, std::string> ControlClient::connect(const std::string& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path) {
        return std::unexpected("the path of the control socket is empty or too long: " +
                               socket_path);
    }
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    ControlClient client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), socket_path);
    if (client.fd_ < 0 ||
        ::connect(client.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return std::unexpected(describe_connect_error(socket_path, errno));
    }
    return client;
}

ControlClient::ControlClient(ControlClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      received_(std::move(other.received_)) {}

ControlClient& ControlClient::operator=(ControlClient&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    std::swap(received_, other.received_);
    return *this;
}

ControlClient::~ControlClient() {
    if (fd_ >= 0) ::close(fd_);
}

std::expected<std::string, std::string> ControlClient::request(std::string_view line) {
    std::string out(line);
    out += '\n';
    for (std::size_t sent = 0; sent < out.size();) {
        const ssize_t n = ::send(fd_, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return std::unexpected(path_ + ": " + std::strerror(errno));
        sent += static_cast<std::size_t>(n);
    }
    std::array<char, 16 * 1024> buffer{};
    std::size_t end = received_.find('\n');
    while (end == std::string::npos) {
        if (received_.size() > control_response_bytes_max) {
            return std::unexpected(path_ + ": the response is too long");
        }
        const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return std::unexpected(path_ + ": " + std::strerror(errno));
        if (n == 0) return std::unexpected(path_ + ": the daemon closed without an answer");
        const std::size_t searched = received_.size();
        received_.append(buffer.data(), static_cast<std::size_t>(n));
        end = received_.find('\n', searched);
    }
    std::string response = received_.substr(0, end);
    received_.erase(0, end + 1);
    return response;
}

}  // namespace postern
