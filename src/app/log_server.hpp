// A server that log lines are sent to as well, as the configuration names it:
// "udp:loghost.example.org:514" (RFC 5426), "tcp:[2001:db8::1]:601" (RFC 6587). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::app {

inline constexpr std::size_t log_servers_max = 4;

enum class LogTransport : unsigned char { udp, tcp };

struct LogServer {
    LogTransport transport = LogTransport::udp;
    std::string host;  // a name or an address, without brackets
    std::uint16_t port = 0;
};

// Nothing when it is no such text.
std::optional<LogServer> parse_log_server(std::string_view text);

}  // namespace postern::app
