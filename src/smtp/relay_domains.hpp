// The domains that this gateway takes mail for and hands to an inner server: neither ours nor
// foreign. Where the inner server is, the queue's routes say. Recipients are verified by a list,
// where there is one; without it every address is taken, unless the inner server is asked about it
// (call_outs.hpp).
// Immutable; shards share it. RFC 5321 §3.6.2 (relays), §7.9.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "message/mailbox.hpp"

namespace postern::smtp {

enum class RelayVerdict : unsigned char {
    foreign,
    taken,
    unlisted,  // taken, and of a domain of which there is no list
    unknown_recipient,
};

class RelayDomains {
 public:
    // `recipients`: addresses, or "@domain" for all of a domain; of a domain of which there is none
    // every address is taken. What is no domain or address is left out.
    RelayDomains(const std::vector<std::string>& domains,
                 const std::vector<std::string>& recipients);

    RelayVerdict judge(const message::Mailbox& mailbox) const;

 private:
    std::unordered_set<std::string> domains_;
    std::unordered_set<std::string> listed_domains_;  // that have a list
    std::unordered_set<std::string> recipients_;
};

// A list as a file: an address a line, '#' begins a remark.
std::vector<std::string> parse_recipient_list(std::string_view text);

}  // namespace postern::smtp
