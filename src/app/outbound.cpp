// Settings to services; see outbound.hpp.
#include "app/outbound.hpp"

#include <ifaddrs.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "app/routes.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "dns/unbound_resolver.hpp"
#include "engine/socket_address.hpp"
#include "smtp/client/probe.hpp"
#include "smtp/client/transport.hpp"

namespace postern::app {
namespace {

// The addresses of this machine's interfaces.
std::vector<std::string> own_addresses() {
    std::vector<std::string> addresses;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return addresses;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr) continue;
        std::string address = engine::format_address(one->ifa_addr);
        if (!address.empty()) addresses.push_back(std::move(address));
    }
    freeifaddrs(list);
    return addresses;
}

std::expected<smtp::client::Login, std::string> read_login(const RouteSettings& route) {
    smtp::client::Login login{route.user_name, {}};
    std::ifstream file(route.password_file);
    if (!std::getline(file, login.password) || login.password.empty()) {
        return std::unexpected("the password file " + route.password_file + " cannot be read");
    }
    return login;
}

smtp::client::TlsLevel level_of(RouteTls tls) {
    using smtp::client::TlsLevel;
    switch (tls) {
        case RouteTls::never: return TlsLevel::off;
        case RouteTls::may: return TlsLevel::may;
        case RouteTls::encrypt: return TlsLevel::encrypt;
        case RouteTls::verify: break;
    }
    return TlsLevel::verify;
}

dns::UnboundOptions resolver_options(const DnsSettings& settings, unsigned shard_count) {
    dns::UnboundOptions options;
    options.servers = settings.servers;
    for (const std::string& zone : settings.private_zones) {
        const std::size_t equals = zone.find('=');
        options.zones.push_back({to_lower(zone.substr(0, equals)), zone.substr(equals + 1)});
    }
    std::error_code problem;
    if (std::filesystem::exists(settings.trust_anchor, problem)) {
        options.trust_anchor_files.push_back(settings.trust_anchor);
    } else if (!settings.trust_anchor.empty()) {
        log::warning("dns.no_trust_anchor", {{"file", settings.trust_anchor}});
    }
    options.shard_count = shard_count;
    return options;
}

}  // namespace

std::expected<smtp::client::Settings, std::string> read_outbound_settings(
    const Config& config, const std::string& host_name) {
    const OutboundSettings& from = config.outbound;
    smtp::client::Settings settings;
    settings.host_name = host_name;
    settings.families = smtp::client::Families(from.families);
    settings.exchanger_port = from.port;
    settings.may_use_tls = from.tls;
    settings.uses_dane = from.dane;
    settings.uses_mta_sts = from.mta_sts;
    settings.own_addresses = own_addresses();
    settings.may_use_loopback = from.allow_loopback;
    settings.policy_directory = config.data_directory + "/mta-sts";
    settings.tls_report_directory = config.data_directory + "/tls-reports";
    for (const RouteSettings& route : config.routes) {
        smtp::client::Relay relay;
        relay.host = route.host;
        relay.port = route.port;
        relay.tls = level_of(route.tls);
        if (route.implicit_tls) relay.tls_start = smtp::client::TlsStart::implicit;
        if (!route.user_name.empty()) {
            auto login = read_login(route);
            if (!login) return std::unexpected(login.error());
            relay.login = std::move(*login);
            // A password is not for whoever happens to answer.
            if (route.tls == RouteTls::may) relay.tls = smtp::client::TlsLevel::verify;
        }
        settings.relays.push_back(std::move(relay));
    }
    return settings;
}

std::expected<std::shared_ptr<Outbound>, std::string> Outbound::make(
    const Config& config, smtp::client::Settings settings, unsigned shard_count) {
    std::shared_ptr<Outbound> outbound(new Outbound(std::move(settings)));
    auto resolver = dns::UnboundResolver::make(resolver_options(config.dns, shard_count));
    if (!resolver) return std::unexpected("DNS: " + resolver.error());
    outbound->resolver_ = std::move(*resolver);
    outbound->tls_ = std::make_unique<smtp::client::TlsClients>(
        config.outbound.authorities, config.data_directory + "/tls/authority.pem");
    if (config.outbound.mta_sts) {
        smtp::client::CurlOptions options;
        options.authorities_file = config.outbound.authorities;
        options.port = config.outbound.mta_sts_port;
        options.shard_count = shard_count;
        outbound->fetcher_ = smtp::client::make_curl_fetcher(options);
    }
    outbound->router_ =
        make_router(config.routes, config.destinations, config.senders, config.outbound);
    outbound->settings_.router = outbound->router_;
    return outbound;
}

std::unique_ptr<queue::Transport> Outbound::make_transport() {
    return std::make_unique<smtp::client::Transport>(settings_, services());
}

std::shared_ptr<smtp::RecipientProbe> Outbound::make_probe() {
    return std::make_shared<smtp::client::Probe>(settings_, services(), router_);
}

}  // namespace postern::app
