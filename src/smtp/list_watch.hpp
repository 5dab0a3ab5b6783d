// Lists of the domain name system, of addresses and of domains, of those to be refused and of those
// to be trusted: how a list is asked, and whether it is one at all. The questions are asked by the
// shard that wants to know. A list that does not answer, or lacks the entries that every list must
// have, counts for nothing. RFC 5782.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "dns/resolver.hpp"
#include "engine/task.hpp"
#include "smtp/block_list.hpp"

namespace postern::smtp {

// RFC 5782 §2.1, §2.4: "2.0.0.127.zone", or by the nibbles of an IPv6 address; empty for no
// address.
std::string block_list_name(std::string_view address, std::string_view zone);
enum class ListedBy : std::uint8_t { ipv4, ipv6, domain };

// Which lists are what they should be, as long as that is known. One a shard.
class ListWatch {
 public:
    // RFC 5782 §5, §7: it has the entry that must be there, and not the one that must not.
    engine::task<bool> is_sound(dns::Resolver* resolver, std::string zone, ListedBy by,
                                MonotonicTime deadline);

 private:
    struct Verdict {
        bool is_sound = false;
        MonotonicTime until;
    };
    std::map<std::pair<std::string, ListedBy>, Verdict> known_;
};

// What one list says.
struct Finding {
    bool is_listed = false;
    std::string reason;  // the list's words (RFC 5782 §2.1, TXT), printable; or empty
    std::uint32_t ttl_s = 3'600;
};

// `entry` is a name within the list's zone.
engine::task<Finding> ask_list(dns::Resolver* resolver, ListWatch* watch, const BlockList* list,
                               std::string entry, ListedBy by, MonotonicTime deadline);

// How long an answer may be remembered (RFC 5782 §6): as it says, an hour at most; what nobody has
// answered a minute.
template <class Record>
std::uint32_t remembered_s(const dns::Answer<Record>& answer) {
    constexpr std::uint32_t most_s = 3'600, unknown_s = 60;
    if (answer.found()) return std::min(answer.ttl_s, most_s);
    return answer.is_unknown() || answer.ttl_s == 0 ? unknown_s : std::min(answer.ttl_s, most_s);
}

// What several say together.
struct Listing {
    std::int32_t score = 0;
    std::string zones;   // that say "refuse", separated by spaces
    std::string reason;  // of the first of them that has words
    void add(const BlockList& list, const Finding& finding);
    // " by one.test two.test (because)"
    std::string words() const;
};

}  // namespace postern::smtp
