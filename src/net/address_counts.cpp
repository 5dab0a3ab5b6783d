// See address_counts.hpp.
#include "net/address_counts.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/checksum.hpp"
#include "base/log.hpp"
#include "net/limits.hpp"

namespace postern::net {

AddressShare::AddressShare(AddressShare&& other) noexcept
    : counts_(std::exchange(other.counts_, nullptr)),
      first_(other.first_),
      second_(other.second_) {}

AddressShare& AddressShare::operator=(AddressShare&& other) noexcept {
    std::swap(counts_, other.counts_);
    std::swap(first_, other.first_);
    std::swap(second_, other.second_);
    return *this;
}

AddressShare::~AddressShare() {
    if (counts_ == nullptr) return;
    --counts_->counters_[first_];
    --counts_->counters_[second_];
}

AddressCounts::AddressCounts(std::uint32_t connections_max, std::vector<Network> unlimited,
                             std::string_view key)
    : connections_max_(connections_max),
      unlimited_(std::move(unlimited)),
      key_(key),
      counters_(2 * address_counters) {}

std::optional<AddressShare> AddressCounts::take(std::string_view address) {
    AddressShare share;
    if (!parse_address(address) || is_in_any(unlimited_, address)) return share;
    const std::string network = customer_network(address);
    const std::uint64_t hash = stable_hash(key_ + network);
    share.counts_ = this;
    share.first_ = std::uint32_t(hash % address_counters);
    share.second_ = std::uint32_t(address_counters + (hash >> 32) % address_counters);
    Counter& first = counters_[share.first_];
    Counter& second = counters_[share.second_];
    ++first;
    ++second;
    // Read after both steps: of those who race for the last place, the one that takes its second
    // step last finds all others in both counters.
    if (std::min(first.load(), second.load()) <= connections_max_) return share;
    log::info("net.turned_away",
              {{"peer", address}, {"network", network}, {"reason", "connections open"}});
    return std::nullopt;  // gives back what was taken
}

}  // namespace postern::net
