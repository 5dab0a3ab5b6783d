// What the first line of defence is told. As they stand here, all is open: the application sets
// what its configuration says. 0 means no limit. A network is an IPv4 address or an IPv6 /64.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "dns/resolver.hpp"
#include "net/network.hpp"
#include "smtp/block_list.hpp"

namespace postern::smtp {

// Of one account.
struct AccountLimits {
    std::uint32_t messages_per_hour_max = 0;
    std::uint32_t messages_per_day_max = 0;
    std::uint32_t recipients_per_hour_max = 0;
    std::uint32_t recipients_per_day_max = 0;
};

struct DefenceSettings {
    std::vector<net::Network> trusted;  // of whom nothing of this is asked
    Duration greeting_wait;             // who talks before it is over is turned away
    std::uint32_t connections_per_minute_max = 0;
    std::uint32_t commands_per_minute_max = 0;
    std::uint32_t recipients_per_hour_max = 0;
    std::uint32_t offences_max = 0;  // failed logins, unknown recipients, errors; in ten minutes
    Duration ban = minutes(10);
    // With a slash at its end: where bans and what is counted for long are kept; empty: all ends
    // with the process.
    std::string memory_directory;
    std::vector<BlockList> block_lists;   // of addresses
    std::vector<BlockList> domain_lists;  // of senders' domains
    std::uint32_t block_score_min = 1;    // the weights of those that list one of them, together
    bool refuses_null_mx = false;         // senders whose domain takes no mail (RFC 7505 §4.1)
    bool needs_reverse_dns = false;
    bool checks_helo = false;
    bool refuses_own_domains = false;  // as senders, from outside, without login
    std::int64_t greylist_s = 0;       // 0: no greylisting
    AccountLimits account;
    dns::Resolver* resolver = nullptr;  // outlives the server; null: nothing is looked up
    unsigned shard_count = 1;           // that connections are spread over
};

}  // namespace postern::smtp
