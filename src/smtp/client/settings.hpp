// What the administrator decides about outbound connections, and the services of the process that
// they use. Values; made before the shards run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/resolver.hpp"
#include "queue/route.hpp"
#include "smtp/client/exchangers.hpp"
#include "smtp/client/limits.hpp"
#include "smtp/client/policy_fetcher.hpp"
#include "smtp/client/session.hpp"
#include "smtp/client/tls_clients.hpp"

namespace postern::smtp::client {

// A fixed next hop: a smarthost, an inner server.
struct Relay {
    std::string host;
    std::uint16_t port = 25;
    TlsLevel tls = TlsLevel::may;
    TlsStart tls_start = TlsStart::starttls;
    std::optional<Login> login;
};

struct Settings {
    std::string host_name;  // for EHLO; an exchanger of this name is ourselves
    Families families = Families::both;
    std::uint16_t exchanger_port = 25;  // another one is for tests
    bool may_use_tls = true;            // opportunistic TLS towards exchangers
    bool uses_dane = true;
    bool uses_mta_sts = true;
    // An exchanger at one of these is ourselves. Loopback addresses always are, unless allowed.
    std::vector<std::string> own_addresses;
    bool may_use_loopback = false;  // for tests
    std::vector<Relay> relays;
    std::shared_ptr<const queue::Router> router;  // null: destinations have no rules of their own
    std::string policy_directory;                 // of the MTA-STS cache
    std::string tls_report_directory;             // empty: what becomes of TLS is not counted
    Limits limits;

    // Null: nothing special is known of that hop.
    const Relay* find_relay(std::string_view host, std::uint16_t port) const {
        for (const Relay& relay : relays) {
            if (relay.host == host && relay.port == port) return &relay;
        }
        return nullptr;
    }
};

struct Services {
    dns::Resolver* resolver = nullptr;
    TlsClients* tls = nullptr;         // null: no TLS
    PolicyFetcher* fetcher = nullptr;  // null: no MTA-STS
};

}  // namespace postern::smtp::client
