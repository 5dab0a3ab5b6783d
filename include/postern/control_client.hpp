// The client's end of the control socket, for the postern command and for outside programs: one
// JSON object a line there, one back (src/admin/README.md lists them). Plain blocking calls; a
// program that links this needs nothing else of the daemon. Failures are texts for people.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace postern {

inline constexpr const char* default_control_socket = "/run/postern/control.sock";

// What a response may measure; the daemon's own limit for requests is 64 KiB.
inline constexpr std::size_t control_response_bytes_max = 64 * 1024 * 1024;

class ControlClient {
 public:
    // Says which socket was tried when nobody serves it.
    static std::expected<ControlClient, std::string> connect(const std::string& socket_path);

    ControlClient(ControlClient&& other) noexcept;
    ControlClient& operator=(ControlClient&& other) noexcept;
    ~ControlClient();

    // Sends one request, which holds no newline, and waits for its response, which comes without.
    std::expected<std::string, std::string> request(std::string_view line);

 private:
    explicit ControlClient(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    int fd_ = -1;
    std::string path_;
    std::string received_;  // beyond the last response
};

}  // namespace postern
