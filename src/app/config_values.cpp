// See config_values.hpp; and what is said of a configuration as a whole (config.hpp).
#include "app/config_values.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "app/config.hpp"
#include "base/ascii.hpp"
#include "message/mailbox.hpp"
#include "net/network.hpp"
#include "smtp/block_list.hpp"

namespace postern::app {

bool is_address(const std::string& text) {
    in6_addr binary{};
    return ::inet_pton(AF_INET, text.c_str(), &binary) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &binary) == 1;
}

bool is_host_name(std::string_view text) {
    return text.size() <= 253 && std::ranges::all_of(text, [](char c) {
               return is_ascii_alnum(c) || c == '-' || c == '.';
           });
}

bool is_server(std::string_view text) {
    const std::size_t at = std::min(text.find('@'), text.size());
    if (!is_address(std::string(text.substr(0, at)))) return false;
    if (at == text.size()) return true;
    const auto port = parse_decimal32(text.substr(at + 1));
    return port && *port > 0 && *port <= 65'535;
}

bool is_private_zone(std::string_view text) {
    const std::size_t equals = text.find('=');
    return equals != text.npos && equals > 0 && is_server(text.substr(equals + 1));
}

static bool is_source(std::string_view text, bool is_ipv6) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string address(text.substr(0, equals));
    if (!is_address(address) || address.contains(':') != is_ipv6) return false;
    return equals == text.size() || message::parse_domain(text.substr(equals + 1)).has_value();
}

bool is_source_ipv4(std::string_view text) {
    return is_source(text, false);
}

bool is_source_ipv6(std::string_view text) {
    return is_source(text, true);
}

bool is_account(std::string_view text) {
    return text.find('@') != text.npos;
}

bool is_network(std::string_view text) {
    return net::parse_network(text).has_value();
}

bool is_relay_domain(std::string_view text) {
    return text.find('.') != text.npos && message::parse_domain(text).has_value();
}

bool is_block_list(std::string_view text) {
    return smtp::parse_block_list(text).has_value();
}

std::string settings_path(const Config& config) {
    return config.data_directory + "/settings.toml";
}

std::string format_problem(const ConfigProblem& problem) {
    std::string out = problem.file;
    if (problem.line > 0) {
        out += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    }
    if (!problem.key.empty()) out += ": " + problem.key;
    return out + ": " + problem.text;
}

}  // namespace postern::app
