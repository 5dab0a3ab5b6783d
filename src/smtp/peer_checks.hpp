// Checks of a peer by what the domain name system says of its address: block lists and reverse
// names. The questions go out together; what is not answered in time counts for nothing.
// RFC 5782 (block lists), RFC 7001 §3 (iprev).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "smtp/defence_settings.hpp"

namespace postern::smtp {

enum class ReverseName : std::uint8_t {
    not_asked,
    confirmed,  // a name of the address leads back to it
    absent,
    unknown,  // no answer
};

struct PeerFacts {
    std::uint32_t block_score = 0;
    std::string listed_by;  // zones, separated by spaces
    ReverseName reverse_name = ReverseName::not_asked;
    std::uint32_t ttl_s = 300;
};

// One line for people: "block lists: none, reverse name confirmed".
std::string describe(const PeerFacts& facts);

// RFC 5782 §2.1, §2.4: "2.0.0.127.zone", or by the nibbles of an IPv6 address; empty for no
// address.
std::string block_list_name(std::string_view address, std::string_view zone);
// RFC 5782 §2.1: 127/8; not what says that the list does not answer us (127.255.255.0/24).
bool is_listing(std::string_view answer);

engine::task<PeerFacts> look_up_peer(const DefenceSettings* settings, std::string address,
                                     MonotonicTime deadline);

}  // namespace postern::smtp
