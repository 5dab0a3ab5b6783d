// What values of the configuration look like: the questions that its table of keys (config.cpp)
// asks of texts. Pure.
#pragma once

#include <string>
#include <string_view>

namespace postern::app {

// "192.0.2.1", "2001:db8::1"
bool is_address(const std::string& text);
// What a host may be called; empty too.
bool is_host_name(std::string_view text);
// An address, perhaps "@" and a port.
bool is_server(std::string_view text);
// "example.lan=192.0.2.53"
bool is_private_zone(std::string_view text);
// "192.0.2.1", "192.0.2.1=out1.example.org"
bool is_source_ipv4(std::string_view text);
bool is_source_ipv6(std::string_view text);
bool is_account(std::string_view text);
// "192.0.2.0/24"
bool is_network(std::string_view text);
bool is_relay_domain(std::string_view text);
// smtp::parse_block_list
bool is_block_list(std::string_view text);

}  // namespace postern::app
