// Where mail for a domain goes: its mail exchangers in the order they are to be tried, and their
// addresses. Runs on the asking shard. RFC 5321 §5.1 (MX, preference, equals in random order, the
// domain itself when there is no MX), RFC 7505 (null MX), RFC 8305 §3, §4 (addresses and
// their order), RFC 3974 §3 (IPv6 and IPv4 mixed).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dns/resolver.hpp"
#include "engine/task.hpp"
#include "smtp/client/report.hpp"

namespace postern::smtp::client {

struct Exchanger {
    std::string host;  // A-labels
    std::uint16_t preference = 0;
    friend bool operator==(const Exchanger&, const Exchanger&) = default;
};

struct Exchangers {
    std::vector<Exchanger> hosts;  // best first, not empty
    bool is_secure = false;        // the answer was validated by DNSSEC
    bool is_implicit = false;      // there is no MX record: the domain itself
    std::string canonical_name;    // where the domain's aliases led
};

// Draws a number below `bound`.
using Draw = std::function<std::uint32_t(std::uint32_t bound)>;

// `domain` in A-labels. Troubles: the domain does not exist (5.1.2), takes no mail (5.1.10), cannot
// be asked about just now (4.4.3).
engine::task<std::expected<Exchangers, Trouble>> find_exchangers(dns::Resolver* resolver,
                                                                 std::string domain, Draw draw,
                                                                 MonotonicTime deadline);

// RFC 5321 §5.1: when one of them is us, those no better than it are left out. `is_us` by name.
void drop_ourselves(Exchangers& exchangers, const std::function<bool(const std::string&)>& is_us);

enum class Families : std::uint8_t { both, only_ipv4, only_ipv6 };

struct HostAddresses {
    std::vector<std::string> addresses;  // IPv6 and IPv4 in turns, IPv6 first
    std::optional<Families> late;        // the family that was not waited for
    dns::Outcome outcome = dns::Outcome::failed;
    bool is_secure = false;      // every address that was found
    std::string canonical_name;  // where aliases led
    bool found() const { return !addresses.empty(); }
    // Certainly none.
    bool is_absent() const {
        return outcome == dns::Outcome::no_data || outcome == dns::Outcome::no_name;
    }
};

// RFC 8305 §3: both families are asked for at once; when one has addresses the other is waited for
// resolution_delay longer, and can be asked for again when those addresses do not serve.
engine::task<HostAddresses> find_addresses(dns::Resolver* resolver, std::string host,
                                           Families families, MonotonicTime deadline);

// "192.0.2.1", "2001:db8::1" of a literal "[192.0.2.1]", "[IPv6:2001:db8::1]", or of the address
// itself; empty: neither.
std::string address_of_literal(std::string_view domain);

}  // namespace postern::smtp::client
