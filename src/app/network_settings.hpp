// The network of the appliance as the administrator sets it: addresses, gateways, name servers.
// (The host name is a setting of the machine: machine_settings.hpp.) One text of lines key=value,
// which the scripts of image/root read too:
//
//   address=dhcp            or none, or 192.0.2.10/24
//   gateway=192.0.2.1       with a fixed address
//   address6=auto           by router advertisements; or none, or 2001:db8::10/64
//   gateway6=fe80::1
//   name_servers=192.0.2.53 2001:db8::53      three at most
//
// A key without a line has its default. Pure. Each mistake is named with its key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::app {

struct NetworkSettings {
    std::string address = "dhcp";
    std::string gateway;
    std::string address6 = "auto";
    std::string gateway6;
    std::string name_servers;
    friend bool operator==(const NetworkSettings&, const NetworkSettings&) = default;
};

struct FieldProblem {
    std::string field;
    std::string words;
};

constexpr std::string_view network_keys[] = {"address", "gateway", "address6", "gateway6",
                                             "name_servers"};
// The member of that name; nullptr for another.
std::string* find_setting(NetworkSettings& settings, std::string_view key);

// Every mistake; none: they can be applied.
std::vector<FieldProblem> check_network(const NetworkSettings& settings);

// Lines that are none of ours are left out.
NetworkSettings parse_network(std::string_view text);
std::string format_network(const NetworkSettings& settings);

}  // namespace postern::app
