// Route: the next hop of a message. Its key names the destination: entries with the same key live
// on one shard, share their connections, their back-off and their limits. Values, no I/O.
// RFC 5321 §5.1 (mail exchangers), RFC 2033 (LMTP).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::queue {

enum class RouteKind : std::uint8_t {
    mx,    // the mail exchangers of a domain, or its addresses; port 25
    host,  // a fixed host: a smarthost or an inner server; no MX lookup
    lmtp,  // a fixed host that speaks LMTP
    here,  // mailboxes of ours, for mail that waits for its time (RFC 4865)
};

struct Route {
    RouteKind kind = RouteKind::mx;
    // mx: the domain as the addresses have it (lower case; U-labels; or a literal "[192.0.2.1]").
    // host, lmtp: a host name or "192.0.2.1" or "2001:db8::1". here: "mailboxes".
    std::string host;
    std::uint16_t port = 25;

    // "mx:example.org", "host:relay.example.org:587", "lmtp:2001:db8::1:24", "here:mailboxes";
    // unique, at most
    // route_key_bytes_max.
    std::string key() const;
    friend bool operator==(const Route&, const Route&) = default;
};
inline Route route_here() {
    return {RouteKind::here, "mailboxes", 0};
}

// The inverse of key(); nothing for anything else.
std::optional<Route> parse_route_key(std::string_view key);

// What is particular to one destination; what is 0 or empty is as for all.
struct DestinationRules {
    std::uint32_t concurrency_max = 0;        // attempts at once, at most
    std::uint32_t starts_per_minute_max = 0;  // attempts begun in a minute
    std::string source_ipv4;                  // the addresses of this machine to send from
    std::string source_ipv6;
    std::string helo_name;  // by which we greet from there
};

// Which next hop a recipient has, and what holds there. Immutable once made: shards share it.
class Router {
 public:
    virtual ~Router() = default;
    // Addresses without angle brackets; `sender` is empty for the null reverse-path.
    virtual Route route_of(std::string_view sender, std::string_view recipient) const = 0;
    virtual DestinationRules rules_of(const Route&) const { return {}; }
};

// Everything to the mail exchangers of its domain.
std::shared_ptr<const Router> make_mx_router();

}  // namespace postern::queue
