// How many connections each network has open: an IPv4 address, or a /64 of IPv6. One object a
// process, which all listeners of all shards share: the one thing besides the log that shards do,
// as a limit a shard would be as many limits as there are shards. It is made of atomic
// counters and of a fixed size: each network has a counter in each of two rows, found by keyed
// hashes, and its count is the smaller of the two. So a count is never too low, and too high only
// for a network that shares both its counters with others; connections that race for the last place
// may both be refused. What is counted is given back when the stream ends, on whatever shard.
// RFC 5321 §7.8, RFC 4954 §9 (denial of service).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/network.hpp"

namespace postern::net {

class AddressCounts;

// A connection's place in the counts, until it is destroyed.
class AddressShare {
 public:
    AddressShare() = default;
    AddressShare(AddressShare&& other) noexcept;
    AddressShare& operator=(AddressShare&& other) noexcept;
    ~AddressShare();

 private:
    friend class AddressCounts;
    AddressCounts* counts_ = nullptr;
    std::uint32_t first_ = 0;
    std::uint32_t second_ = 0;
};

class AddressCounts {
 public:
    // `unlimited`: networks that are not counted. `key`: secret, so that nobody chooses whose
    // counters to share.
    AddressCounts(std::uint32_t connections_max, std::vector<Network> unlimited,
                  std::string_view key);

    // One more connection; nothing, and a line in the log: there are as many as there may be.
    // What is no address, as of a Unix socket, is not counted.
    std::optional<AddressShare> take(std::string_view address);

 private:
    friend class AddressShare;
    using Counter = std::atomic<std::uint32_t>;

    std::uint32_t connections_max_;
    std::vector<Network> unlimited_;
    std::string key_;
    std::vector<Counter> counters_;  // both rows
};

}  // namespace postern::net
