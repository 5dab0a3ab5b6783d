// The commands on ports and on logins without encryption: service.list, service.set,
// service.plaintext, restart. README.md shows their fields. BLOCKING: in the offload pool.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::admin {

struct ServiceState {
    std::string protocol;
    std::string address;
    std::uint16_t port = 0;
    bool open = false;     // now
    bool enabled = false;  // from the next start on
};
struct ServiceReport {
    std::vector<ServiceState> services;
    bool plaintext_login = false;
    bool plaintext_login_next = false;
    bool can_restart = false;
};
struct ServiceChange {
    std::string protocol;
    std::string address;  // empty: any
    std::optional<std::uint16_t> port;
    bool enabled = false;
};

class ServiceKeeper {
 public:
    virtual ~ServiceKeeper() = default;
    virtual std::expected<ServiceReport, std::string> report() = 0;
    virtual std::expected<void, std::string> set(const ServiceChange& change) = 0;
    virtual std::expected<void, std::string> set_plaintext(bool allowed) = 0;
};

bool is_service_request(std::string_view line);

enum class Restart : unsigned char { no, yes };
struct ServiceAnswer {
    std::string response;  // a line
    Restart restart = Restart::no;
};
ServiceAnswer handle_service_request(ServiceKeeper& keeper, std::string_view line);

}  // namespace postern::admin
