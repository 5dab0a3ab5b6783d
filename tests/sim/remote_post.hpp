// RemotePost: the other end of the wire, as a transport sees it: servers that are away, slow,
// moody or full, take some recipients and refuse others, and lose their reply. Tells the
// RemoteOracle what they took. One for all shards and all restarts; each shard has a transport
// that leads to it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "queue/transport.hpp"
#include "sim/remote_oracle.hpp"
#include "sim/world.hpp"

namespace postern::sim {

class RemotePost {
 public:
    RemotePost(World& world, RemoteOracle& oracle) : world_(world), oracle_(oracle) {}

    std::unique_ptr<queue::Transport> make_transport();
    // From now on every server answers, and takes or refuses for good.
    void heal() { is_healed_ = true; }
    engine::task<queue::AttemptReport> attempt(queue::AttemptRequest request);

 private:
    struct Letter;  // one attempt
    queue::Outcome draw_outcome();
    queue::AttemptReport away(const queue::AttemptRequest& request);
    void decide(Letter& letter);

    World& world_;
    RemoteOracle& oracle_;
    bool is_healed_ = false;
    std::map<std::string, MonotonicTime> away_until_;  // by route
};

}  // namespace postern::sim
