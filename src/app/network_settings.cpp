// Addresses checked; see network_settings.hpp.
#include "app/network_settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/ascii.hpp"

namespace postern::app {
namespace {

constexpr std::size_t name_servers_max = 3;

// An address of either family, in network order, with how many of its bits are the network's.
struct Network {
    int family = AF_UNSPEC;
    std::array<unsigned char, 16> bytes{};
    unsigned prefix = 0;
    unsigned bits() const { return family == AF_INET ? 32 : 128; }
};

std::optional<Network> read_address_of(int family, std::string_view text) {
    Network read;
    read.family = family;
    read.prefix = read.bits();
    if (::inet_pton(family, std::string(text).c_str(), read.bytes.data()) != 1) return std::nullopt;
    return read;
}

// "192.0.2.10/24"
std::optional<Network> read_network(int family, std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    auto read = read_address_of(family, text.substr(0, slash));
    const auto prefix = parse_decimal32(text.substr(slash + 1));
    if (!read || !prefix || *prefix == 0 || *prefix > read->bits()) return std::nullopt;
    read->prefix = unsigned(*prefix);
    return read;
}

bool bit_of(const Network& of, unsigned index) {
    return (of.bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

bool is_in(const Network& address, const Network& network) {
    for (unsigned i = 0; i < network.prefix; ++i) {
        if (bit_of(address, i) != bit_of(network, i)) return false;
    }
    return true;
}

// All bits behind the prefix alike: the network itself, or its broadcast address.
bool is_end_of_network(const Network& network) {
    bool has_one = false, has_zero = false;
    for (unsigned i = network.prefix; i < network.bits(); ++i) {
        (bit_of(network, i) ? has_one : has_zero) = true;
    }
    return network.prefix < network.bits() - 1 && has_one != has_zero;
}

bool is_link_local(const Network& of) {
    return of.family == AF_INET6 && of.bytes[0] == 0xfe && (of.bytes[1] & 0xc0) == 0x80;
}

// Loopback, multicast, nothing at all.
bool is_unusable(const Network& of) {
    if (of.family == AF_INET) return of.bytes[0] == 0 || of.bytes[0] == 127 || of.bytes[0] >= 224;
    const auto end = of.bytes.end() - 1;
    const bool is_small = std::all_of(of.bytes.begin(), end, [](auto byte) { return byte == 0; });
    return of.bytes[0] == 0xff || (is_small && of.bytes[15] <= 1);
}

// "" or what is wrong.
std::string judge_address(int family, const std::string& text, std::string_view automatic) {
    if (text == automatic || text == "none") return {};
    const auto network = read_network(family, text);
    const std::string example = family == AF_INET ? "192.0.2.10/24" : "2001:db8::10/64";
    if (!network) return std::string(automatic) + ", none, or as " + example;
    if (is_unusable(*network) || is_link_local(*network)) {
        return "no machine can have this address";
    }
    if (family == AF_INET && is_end_of_network(*network)) {
        return "is that of the network or of all its machines, not of one";
    }
    return {};
}

std::string judge_gateway(int family, const std::string& text, const std::string& address,
                          std::string_view automatic) {
    const bool is_fixed = address != automatic && address != "none";
    if (text.empty()) {
        return is_fixed && family == AF_INET ? "is missing: the address is fixed" : "";
    }
    const auto gateway = read_address_of(family, text);
    if (!gateway) return std::string("not as ") + (family == AF_INET ? "192.0.2.1" : "fe80::1");
    if (!is_fixed) return "only with a fixed address";
    const auto network = read_network(family, address);
    if (!network || is_link_local(*gateway)) return {};
    if (!is_in(*gateway, *network)) return "is not in the network of the address";
    if (gateway->bytes == network->bytes) return "is the address itself";
    return {};
}

std::string judge_name_servers(const NetworkSettings& settings) {
    std::size_t count = 0;
    std::string_view rest = settings.name_servers;
    while (!rest.empty()) {
        const std::size_t space = std::min(rest.find(' '), rest.size());
        const std::string_view word = rest.substr(0, space);
        rest.remove_prefix(std::min(space + 1, rest.size()));
        if (word.empty()) continue;
        ++count;
        if (read_address_of(AF_INET, word) || read_address_of(AF_INET6, word)) continue;
        return escape_for_log(word) + " is no address";
    }
    if (count > name_servers_max) return "three at most";
    const bool is_told = settings.address == "dhcp" || settings.address6 == "auto";
    if (count == 0 && !is_told) return "is missing: nobody else names one";
    return {};
}

}  // namespace

std::string* find_setting(NetworkSettings& settings, std::string_view key) {
    std::string* const members[] = {&settings.address, &settings.gateway, &settings.address6,
                                    &settings.gateway6, &settings.name_servers};
    const auto* found = std::ranges::find(network_keys, key);
    return found == std::end(network_keys) ? nullptr : members[found - network_keys];
}

std::vector<FieldProblem> check_network(const NetworkSettings& settings) {
    std::vector<FieldProblem> problems;
    const auto add = [&](const char* field, std::string words) {
        if (!words.empty()) problems.push_back({field, std::move(words)});
    };
    add("address", judge_address(AF_INET, settings.address, "dhcp"));
    add("gateway", judge_gateway(AF_INET, settings.gateway, settings.address, "dhcp"));
    add("address6", judge_address(AF_INET6, settings.address6, "auto"));
    add("gateway6", judge_gateway(AF_INET6, settings.gateway6, settings.address6, "auto"));
    if (settings.address == "none" && settings.address6 == "none") {
        add("address", "none of both: nobody could reach this machine");
    }
    add("name_servers", judge_name_servers(settings));
    return problems;
}

NetworkSettings parse_network(std::string_view text) {
    NetworkSettings settings;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t equals = line.find('=');
        if (equals == line.npos) continue;
        std::string* member = find_setting(settings, line.substr(0, equals));
        if (member != nullptr) *member = line.substr(equals + 1);
    }
    return settings;
}

std::string format_network(const NetworkSettings& settings) {
    NetworkSettings copy = settings;
    std::string text;
    for (const std::string_view key : network_keys) {
        text += std::string(key) + "=" + *find_setting(copy, key) + "\n";
    }
    return text;
}

}  // namespace postern::app
