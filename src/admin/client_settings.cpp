// Settings for mail clients; see client_settings.hpp.
#include "admin/client_settings.hpp"

#include <array>

namespace postern::admin {
namespace {

struct ServiceRow {
    std::string_view listener;
    std::string_view protocol;
    std::string_view security;
};
// In the order in which people see them.
constexpr std::array<ServiceRow, 6> services = {{{"imaps", "IMAP", "SSL/TLS"},
                                                 {"imap", "IMAP", "STARTTLS"},
                                                 {"pop3s", "POP3", "SSL/TLS"},
                                                 {"pop3", "POP3", "STARTTLS"},
                                                 {"submissions", "SMTP", "SSL/TLS"},
                                                 {"submission", "SMTP", "STARTTLS"}}};

bool is_loopback(std::string_view address) {
    return address.starts_with("127.") || address == "::1";
}

}  // namespace

std::vector<ClientSetting> client_settings(const std::vector<ListenerStatus>& listeners,
                                           std::string_view host_name, std::string_view user_name) {
    std::vector<ClientSetting> settings;
    for (const ServiceRow& service : services) {
        for (const ListenerStatus& listener : listeners) {
            if (listener.protocol != service.listener) continue;
            const std::string_view server =
                is_loopback(listener.address) ? std::string_view(listener.address) : host_name;
            settings.push_back({service.protocol, std::string(server), listener.port,
                                service.security, std::string(user_name)});
        }
    }
    return settings;
}

}  // namespace postern::admin
