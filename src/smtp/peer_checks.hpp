// Checks by what the domain name system says: of a peer's address (block lists, reverse names), of
// a sender's domain (block lists, null MX). The questions go out together; what is not answered in
// time counts for nothing. RFC 5782 (block lists), RFC 7001 §3 (iprev), RFC 7505 (null MX).
#pragma once

#include <cstdint>
#include <string>

#include "engine/task.hpp"
#include "smtp/defence_settings.hpp"
#include "smtp/list_watch.hpp"

namespace postern::smtp {

enum class ReverseName : std::uint8_t {
    not_asked,
    confirmed,  // a name of the address leads back to it
    absent,
    unknown,  // no answer
};

struct PeerFacts {
    Listing listing;
    ReverseName reverse_name = ReverseName::not_asked;
    std::uint32_t ttl_s = 3'600;
};

// One line for people: "block lists: none, reverse name confirmed".
std::string describe(const PeerFacts& facts);

engine::task<PeerFacts> look_up_peer(const DefenceSettings* settings, ListWatch* watch,
                                     std::string address, MonotonicTime deadline);

// The same of the domain that a sender's address names, in A-labels.
struct SenderFacts {
    Listing listing;
    bool has_null_mx = false;  // it takes no mail (RFC 7505)
    std::uint32_t ttl_s = 3'600;
};
engine::task<SenderFacts> look_up_sender(const DefenceSettings* settings, ListWatch* watch,
                                         std::string domain, MonotonicTime deadline);

// RFC 7505 §3. Not known in time: no.
engine::task<bool> has_null_mx(dns::Resolver* resolver, std::string domain, MonotonicTime deadline);

}  // namespace postern::smtp
