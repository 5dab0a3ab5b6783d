// See network.hpp.
#include "net/network.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/ascii.hpp"

namespace postern::net {
namespace {

constexpr std::size_t mapped_bytes = 12;  // before the IPv4 address
constexpr unsigned mapped_bits = 96;
constexpr unsigned customer_bits = 64;

}  // namespace

std::optional<AddressBytes> parse_address(std::string_view text) {
    AddressBytes bytes{};
    const std::string terminated(text);
    if (text.size() >= INET6_ADDRSTRLEN || terminated.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
    bytes[10] = bytes[11] = 0xff;
    if (::inet_pton(AF_INET, terminated.c_str(), bytes.data() + mapped_bytes) == 1) return bytes;
    return std::nullopt;
}

bool is_ipv4(const AddressBytes& address) {
    return std::all_of(address.begin(), address.begin() + 10,
                       [](auto byte) { return byte == 0; }) &&
           address[10] == 0xff && address[11] == 0xff;
}

std::string format_address(const AddressBytes& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_ipv4(address)) {
        ::inet_ntop(AF_INET, address.data() + mapped_bytes, text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
    }
    return text.data();
}

bool Network::contains(const AddressBytes& other) const {
    const std::size_t whole = prefix_bits / 8;
    if (!std::equal(address.begin(), address.begin() + std::ptrdiff_t(whole), other.begin())) {
        return false;
    }
    const unsigned rest = prefix_bits % 8;
    if (rest == 0) return true;
    const auto mask = std::uint8_t(0xff << (8 - rest));
    return (address[whole] & mask) == (other[whole] & mask);
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    const bool has_colon = text.substr(0, slash).contains(':');
    Network network{*address, 128};
    if (slash < text.size()) {
        const auto bits = parse_decimal32(text.substr(slash + 1));
        if (!bits || *bits > (has_colon ? 128u : 32u)) return std::nullopt;
        network.prefix_bits = unsigned(*bits) + (has_colon ? 0 : mapped_bits);
    }
    for (unsigned bit = network.prefix_bits; bit < 128; ++bit) {
        if ((network.address[bit / 8] & (0x80 >> bit % 8)) != 0) return std::nullopt;
    }
    return network;
}

std::vector<Network> parse_networks(const std::vector<std::string>& texts) {
    std::vector<Network> networks;
    for (const std::string& text : texts) {
        if (const auto network = parse_network(text)) networks.push_back(*network);
    }
    return networks;
}

bool is_in_any(const std::vector<Network>& networks, std::string_view address) {
    const auto bytes = parse_address(address);
    return bytes && std::ranges::any_of(
                        networks, [&](const Network& network) { return network.contains(*bytes); });
}

bool is_loopback(std::string_view address) {
    const auto bytes = parse_address(address);
    if (!bytes) return false;
    if (is_ipv4(*bytes)) return (*bytes)[mapped_bytes] == 127;
    return std::all_of(bytes->begin(), bytes->end() - 1, [](auto byte) { return byte == 0; }) &&
           bytes->back() == 1;
}

std::string customer_network(std::string_view address) {
    auto bytes = parse_address(address);
    if (!bytes) return std::string(address);
    if (is_ipv4(*bytes)) return format_address(*bytes);
    std::fill(bytes->begin() + customer_bits / 8, bytes->end(), std::uint8_t(0));
    return format_address(*bytes) + "/64";
}

}  // namespace postern::net
