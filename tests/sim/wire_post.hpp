// WirePost: the other end of the wire, as packets: a machine of SMTP servers in the simulated
// network, which the gateway's own client finds by name and connects to. They turn away, fall
// silent, speak a byte a second, lack what they should offer, take some recipients, refuse others,
// hang up anywhere, answer with half a reply or two codes in one, and offer TLS that fails. One of
// them is a mail store that speaks LMTP; names may be found by a MoodyResolver. What they take and
// refuse the RemoteOracle is told. Outlives all restarts of the gateway.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/static_resolver.hpp"
#include "engine/scope.hpp"
#include "net/stream.hpp"
#include "queue/transport.hpp"
#include "sim/machine.hpp"
#include "sim/moody_resolver.hpp"
#include "sim/remote_oracle.hpp"
#include "sim/world.hpp"
#include "smtp/client/settings.hpp"
#include "smtp/client/tls_clients.hpp"
#include "tls/context.hpp"

namespace postern::sim {

class WirePost {
 public:
    struct Kinds {
        bool has_tls = false;
        bool has_lmtp = false;
        bool has_moody_dns = false;
    };
    WirePost(World& world, RemoteOracle& oracle, const std::string& gateway_address, Kinds kinds);
    ~WirePost();
    WirePost(const WirePost&) = delete;
    WirePost& operator=(const WirePost&) = delete;

    // The gateway's client, for one of its shards.
    std::unique_ptr<queue::Transport> make_transport();
    // Where the gateway sends what.
    std::shared_ptr<const queue::Router> router() const { return router_; }
    // From now on every server answers, and takes or refuses for good.
    void heal() {
        is_healed_ = true;
        moody_.heal();
    }

 private:
    struct Visit;  // one connection
    enum class Speaks : unsigned char { smtp, lmtp };
    void listen(std::uint16_t port, Speaks speaks);
    engine::task<void> serve(net::Stream stream, Speaks speaks);
    engine::task<Result<void>> converse(Visit* visit);
    engine::task<Result<void>> greet(Visit* visit);
    engine::task<Result<void>> answer(Visit* visit, std::string line);
    engine::task<Result<void>> take_data(Visit* visit);
    engine::task<Result<void>> take_chunk(Visit* visit, std::string_view arguments);
    engine::task<Result<void>> conclude(Visit* visit);
    engine::task<Result<void>> conclude_each(Visit* visit);
    engine::task<Result<void>> start_tls(Visit* visit);
    engine::task<Result<void>> say(Visit* visit, std::string reply);
    std::string extensions();
    std::string answer_rcpt(Visit& visit, std::string_view line);
    bool chance(double often) { return !is_healed_ && world_.random().chance(often); }

    World& world_;
    RemoteOracle& oracle_;
    Machine& machine_;
    bool is_healed_ = false;
    MonotonicTime away_until_;
    Kinds kinds_;
    dns::StaticResolver resolver_;
    MoodyResolver moody_;
    smtp::client::TlsClients tls_clients_{""};
    std::shared_ptr<const tls::ServerContext> tls_;
    std::shared_ptr<const queue::Router> router_;
    smtp::client::Settings settings_;
    engine::Scope listeners_;
    engine::Scope sessions_;
};

}  // namespace postern::sim
