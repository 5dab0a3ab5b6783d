// A list of the domain name system as the administrator names it, and which of its answers count.
// Pure. RFC 5782 §2.1, §2.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

struct BlockList {
    std::string zone;
    std::int32_t weight = 1;  // below 0: who is on it is trusted
    // Which answers count (RFC 5782 §2.3), as numbers.
    std::uint32_t from = 0x7f000000;
    std::uint32_t to = 0x7fffffff;
    std::uint32_t bits = 0;  // of which an answer has one; 0: no matter
    friend bool operator==(const BlockList&, const BlockList&) = default;
};

// "zone", "zone=3", "zone=-2", "zone:127.0.0.2=1", "zone:127.0.0.4-127.0.0.11", "zone:&6"; nothing
// for anything else.
std::optional<BlockList> parse_block_list(std::string_view text);

// RFC 5782 §2.1: 127/8; not what says that the list does not answer us (127.255.255.0/24); and what
// of it counts.
bool is_listing(std::string_view answer, const BlockList& list = {});

}  // namespace postern::smtp
