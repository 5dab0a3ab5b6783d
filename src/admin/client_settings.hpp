// What a mail client asks for when it is set up: server, port, security and user name for IMAP,
// POP3 and SMTP, made from the listeners that are open. Pure. RFC 8314 §3 (TLS from the first
// byte is preferred), RFC 6409 (submission).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::admin {

// One open port. `protocol` is the configuration's word: smtp, submission, submissions, imap,
// imaps, pop3 or pop3s.
struct ListenerStatus {
    std::string protocol;
    std::string address;  // "*": all of the machine
    std::uint16_t port = 0;
};

struct ClientSetting {
    std::string_view protocol;  // "IMAP", "POP3", "SMTP"
    std::string server;
    std::uint16_t port = 0;
    std::string_view security;  // "SSL/TLS", "STARTTLS"
    std::string user_name;
};

// In the order IMAP, POP3, SMTP, the better security first. Port 25 is for servers and not among
// them. A listener bound to one loopback address is named by that address, others by the host name.
std::vector<ClientSetting> client_settings(const std::vector<ListenerStatus>& listeners,
                                           std::string_view host_name, std::string_view user_name);

}  // namespace postern::admin
