// Networks of addresses, as the configuration names them: "192.0.2.0/24", "2001:db8::/32", or one
// address. IPv4 is kept as IPv6-mapped (RFC 4291 §2.5.5.2), so one comparison does for both. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

using AddressBytes = std::array<std::uint8_t, 16>;

// "192.0.2.1", "2001:db8::1", and "::ffff:192.0.2.1", which is the first.
std::optional<AddressBytes> parse_address(std::string_view text);
bool is_ipv4(const AddressBytes& address);
// As parse_address reads it.
std::string format_address(const AddressBytes& address);

struct Network {
    AddressBytes address{};
    unsigned prefix_bits = 128;

    bool contains(const AddressBytes& other) const;
    friend bool operator==(const Network&, const Network&) = default;
};

// Bits behind the prefix must be zero.
std::optional<Network> parse_network(std::string_view text);
// What is no network is left out: whoever read the texts has looked at them.
std::vector<Network> parse_networks(const std::vector<std::string>& texts);
// False too for what is no address.
bool is_in_any(const std::vector<Network>& networks, std::string_view address);
// 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view address);

// What one customer of a provider has: an IPv4 address, or a /64 of IPv6, as text.
std::string customer_network(std::string_view address);

}  // namespace postern::net
