// Keys of routes, and the router that knows only mail exchangers; see route.hpp.
#include "queue/route.hpp"

#include <array>

#include "auth/names.hpp"
#include "base/ascii.hpp"
#include "base/checksum.hpp"

namespace postern::queue {
namespace {

constexpr std::array<std::string_view, 4> route_kind_names = {"mx", "host", "lmtp", "here"};

bool has_port(RouteKind kind) {
    return kind == RouteKind::host || kind == RouteKind::lmtp;
}

class MxRouter final : public Router {
 public:
    Route route_of(std::string_view, std::string_view recipient) const override {
        Route route;
        route.host = to_lower(auth::split_address(recipient).domain);
        return route;
    }
};

}  // namespace

std::string Route::key() const {
    std::string key(route_kind_names[std::size_t(kind)]);
    key += ':';
    key += host;
    if (has_port(kind)) key += ':' + std::to_string(port);
    return key;
}

unsigned home_shard(std::string_view route_key, unsigned shard_count) {
    return unsigned(stable_hash(route_key) % shard_count);
}

std::optional<Route> parse_route_key(std::string_view key) {
    const auto colon = key.find(':');
    if (colon == key.npos) return std::nullopt;
    Route route;
    std::string_view rest = key.substr(colon + 1);
    std::size_t kind = 0;
    while (kind < route_kind_names.size() && route_kind_names[kind] != key.substr(0, colon)) ++kind;
    if (kind == route_kind_names.size()) return std::nullopt;
    route.kind = RouteKind(kind);
    if (route.kind == RouteKind::here) route.port = 0;
    if (has_port(route.kind)) {
        const auto last = rest.rfind(':');
        if (last == rest.npos) return std::nullopt;
        const auto port = parse_decimal32(rest.substr(last + 1));
        if (!port || *port == 0 || *port > UINT16_MAX) return std::nullopt;
        route.port = std::uint16_t(*port);
        rest = rest.substr(0, last);
    }
    if (rest.empty()) return std::nullopt;
    route.host = rest;
    if (route.key() != key) return std::nullopt;
    return route;
}

std::shared_ptr<const Router> make_mx_router() {
    return std::make_shared<MxRouter>();
}

}  // namespace postern::queue
