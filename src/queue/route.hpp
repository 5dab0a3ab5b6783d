// Route: the next hop of a message. Its key names the destination: entries with the same key live
// on one shard, share their connections, their back-off and their limits. Values, no I/O.
// RFC 5321 §5.1 (mail exchangers), RFC 2033 (LMTP).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Which shard has the mail for that route.
unsigned home_shard(std::string_view route_key, unsigned shard_count);

// The inverse of key(); nothing for anything else.
std::optional<Route> parse_route_key(std::string_view key);

// What the administrator wants of TLS with the exchangers of a domain, beyond what is usual.
enum class TlsRule : std::uint8_t {
    usual,
    never,
    encrypt,  // always
    dane,     // always, and the certificate by TLSA records (RFC 7672 §6)
    verify,   // always, and the certificate by the authorities
};

// What is particular to one destination; what is 0 is as for all.
struct DestinationRules {
    std::uint32_t concurrency_max = 0;        // attempts at once, at most
    std::uint32_t starts_per_minute_max = 0;  // attempts begun in a minute
    TlsRule tls = TlsRule::usual;
};

// An address of this machine to send from, and the name that leads back to it: by that we greet
// from there. Empty: the name of the whole.
struct Source {
    std::string address;
    std::string helo_name;
    friend bool operator==(const Source&, const Source&) = default;
};

// Where mail is sent from. Of several addresses each serves in its turn.
struct Sources {
    std::string name;  // of the choice: connections are shared within it. Empty: that for all
    std::vector<Source> ipv4;  // empty: what the system chooses
    std::vector<Source> ipv6;
    std::string helo_name;  // empty: the host name
};

// Which next hop a recipient has, and what holds there. Immutable once made: shards share it.
class Router {
 public:
    virtual ~Router() = default;
    // Addresses without angle brackets; `sender` is empty for the null reverse-path.
    virtual Route route_of(std::string_view sender, std::string_view recipient) const = 0;
    virtual DestinationRules rules_of(const Route&) const { return {}; }
    virtual Sources sources_of(const Route&, std::string_view sender) const {
        (void)sender;
        return {};
    }
};

// Everything to the mail exchangers of its domain.
std::shared_ptr<const Router> make_mx_router();

}  // namespace postern::queue
