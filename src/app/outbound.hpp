// Outbound: what the gateway needs to reach other servers, made from the configuration: the
// resolver, TLS as a client, the routes, and a transport for each shard. One object for the
// process, made before the shards run (its threads must not inherit what shards are forbidden) and
// destroyed after. What cannot work is told in words.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "queue/route.hpp"
#include "queue/transport.hpp"
#include "smtp/call_outs.hpp"
#include "smtp/client/settings.hpp"

namespace postern::app {

// Before the daemon gives up its power: passwords may be files that only root reads.
std::expected<smtp::client::Settings, std::string> read_outbound_settings(
    const Config& config, const std::string& host_name);

class Outbound {
 public:
    static std::expected<std::shared_ptr<Outbound>, std::string> make(
        const Config& config, smtp::client::Settings settings, unsigned shard_count);

    std::shared_ptr<const queue::Router> router() const { return router_; }
    dns::Resolver& resolver() { return *resolver_; }
    // Of this machine's interfaces when it started.
    const std::vector<std::string>& own_addresses() const { return settings_.own_addresses; }
    // On each shard.
    std::unique_ptr<queue::Transport> make_transport();
    std::shared_ptr<smtp::RecipientProbe> make_probe();

 private:
    smtp::client::Services services() { return {resolver_.get(), tls_.get(), fetcher_.get()}; }
    explicit Outbound(smtp::client::Settings settings) : settings_(std::move(settings)) {}

    smtp::client::Settings settings_;
    std::unique_ptr<dns::Resolver> resolver_;
    std::unique_ptr<smtp::client::TlsClients> tls_;
    std::unique_ptr<smtp::client::PolicyFetcher> fetcher_;
    std::shared_ptr<const queue::Router> router_;
};

}  // namespace postern::app
