// See log_server.hpp.
#include "app/log_server.hpp"

#include "app/config_values.hpp"
#include "base/ascii.hpp"

namespace postern::app {
namespace {

// A colon is part of an IPv6 address, so that one stands in brackets and nothing else does.
bool take_brackets(std::string& host) {
    if (!host.starts_with('[')) return !host.empty() && is_host_name(host);
    if (!host.ends_with(']')) return false;
    host = host.substr(1, host.size() - 2);
    return host.contains(':') && is_address(host);
}

}  // namespace

std::optional<LogServer> parse_log_server(std::string_view text) {
    LogServer server;
    if (text.starts_with("tcp:")) {
        server.transport = LogTransport::tcp;
    } else if (!text.starts_with("udp:")) {
        return std::nullopt;
    }
    text.remove_prefix(4);
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    const auto port = parse_decimal32(text.substr(colon + 1));
    if (!port || *port == 0 || *port > 65'535) return std::nullopt;
    server.port = static_cast<std::uint16_t>(*port);
    server.host = text.substr(0, colon);
    if (!take_brackets(server.host)) return std::nullopt;
    return server;
}

}  // namespace postern::app
