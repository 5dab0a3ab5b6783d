// WirePost: the other end of the wire, as packets: a machine of SMTP servers in the simulated
// network, which the gateway's own client finds by name and connects to. They turn away, fall
// silent, speak a byte a second, lack what they should offer, take some recipients, refuse others,
// hang up anywhere, and answer with half a reply or two codes in one. What they take and refuse
// the RemoteOracle is told. Outlives all restarts of the gateway.
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
#include "sim/remote_oracle.hpp"
#include "sim/world.hpp"
#include "smtp/client/settings.hpp"

namespace postern::sim {

class WirePost {
 public:
    WirePost(World& world, RemoteOracle& oracle);
    ~WirePost();
    WirePost(const WirePost&) = delete;
    WirePost& operator=(const WirePost&) = delete;

    // The gateway's client, for one of its shards.
    std::unique_ptr<queue::Transport> make_transport();
    // From now on every server answers, and takes or refuses for good.
    void heal() { is_healed_ = true; }

 private:
    struct Visit;  // one connection
    engine::task<void> serve(net::Stream stream);
    engine::task<Result<void>> converse(Visit* visit);
    engine::task<Result<void>> greet(Visit* visit);
    engine::task<Result<void>> answer(Visit* visit, std::string line);
    engine::task<Result<void>> take_data(Visit* visit);
    engine::task<Result<void>> take_chunk(Visit* visit, std::string_view arguments);
    engine::task<Result<void>> conclude(Visit* visit);
    engine::task<Result<void>> say(Visit* visit, std::string reply);
    std::string extensions();
    std::string answer_rcpt(Visit& visit, std::string_view line);
    bool chance(double often) { return !is_healed_ && world_.random().chance(often); }

    World& world_;
    RemoteOracle& oracle_;
    Machine& machine_;
    bool is_healed_ = false;
    MonotonicTime away_until_;
    dns::StaticResolver resolver_;
    smtp::client::Settings settings_;
    engine::Scope listeners_;
    engine::Scope sessions_;
};

}  // namespace postern::sim
