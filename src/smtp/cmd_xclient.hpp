// The arguments of XCLIENT, for its handler and its test.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

// What is known of the client; nothing: as before.
struct ClientFacts {
    std::optional<std::string> address;  // "192.0.2.1"
    std::optional<std::string> helo;
    std::optional<std::string> login;  // a user name
};

// attribute-name "=" xtext, separated by spaces; ADDR, HELO, LOGIN and what needs no remembering:
// NAME, PORT, PROTO, DESTADDR, DESTPORT. Nothing when one is malformed or not known.
std::optional<ClientFacts> parse_xclient_arguments(std::string_view arguments);

}  // namespace postern::smtp
