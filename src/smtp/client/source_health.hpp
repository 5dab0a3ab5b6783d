// Which of our addresses a connection is made from: those of a pool in turns, without those that
// could not be bound of late. One object a shard, for all pools: an address that is not there is
// not there for any of them. Never fails; where none of a pool can be used, the one that has been
// left out longest is tried. RFC 5321 §4.1.4 says nothing of it: this is ours.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "queue/route.hpp"

namespace postern::smtp::client {

class SourceHealth {
 public:
    // Null: the pool is empty.
    const queue::Source* choose(const std::vector<queue::Source>& pool, MonotonicTime now);
    // Whether one of them is not left out.
    bool has_usable(const std::vector<queue::Source>& pool, MonotonicTime now) const;
    // It could not be bound: it is left out for a minute, twice as long each time, an hour at most.
    void note_failure(const std::string& address, MonotonicTime now);
    void note_success(const std::string& address) { left_out_.erase(address); }

 private:
    struct LeftOut {
        MonotonicTime until;
        Duration pause;
    };
    bool is_usable(const std::string& address, MonotonicTime now) const;

    std::unordered_map<std::string, LeftOut> left_out_;
    std::size_t turn_ = 0;
};

}  // namespace postern::smtp::client
