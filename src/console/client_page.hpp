// The page that an organisation hands to its people: what to enter in a mail client, as text and
// as an HTML file to print, with a code for a telephone's camera if wanted. Pure; nothing that the
// daemon or an administrator wrote reaches the HTML unescaped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "console/texts.hpp"

namespace postern::console {

struct ClientPage {
    struct Setting {
        std::string protocol;
        std::string server;
        std::string port;
        std::string security;
        std::string user_name;
    };
    std::string address;
    std::string display_name;
    std::vector<Setting> settings;  // the better ones of each protocol first
};

// Of the response to "client-settings"; texts escaped for terminals.
ClientPage read_client_page(std::string_view response);

std::string format_client_page(const ClientPage& page, Language language);
// A whole document, no outside references.
std::string format_client_html(const ClientPage& page, Language language);

// A few lines that a camera's program shows as text: servers, ports, user name. Not the password.
std::string client_code_text(const ClientPage& page);

// A QR code, half blocks on two rows of modules each, with its quiet margin; empty when `text` is
// too long for one.
std::string format_qr_text(std::string_view text);
// The same as an inline SVG.
std::string format_qr_svg(std::string_view text);

}  // namespace postern::console
