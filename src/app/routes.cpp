// See routes.hpp.
#include "app/routes.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "auth/names.hpp"
#include "base/ascii.hpp"

namespace postern::app {
namespace {

// "*", "example.org", "*.example.org"
bool domain_fits(std::string_view pattern, std::string_view domain) {
    if (pattern == "*") return true;
    if (!pattern.starts_with("*.")) return iequals(pattern, domain);
    pattern.remove_prefix(1);
    return domain.size() > pattern.size() &&
           iequals(domain.substr(domain.size() - pattern.size()), pattern);
}

bool sender_fits(std::string_view pattern, std::string_view sender) {
    if (pattern == "*") return true;
    if (pattern == "<>") return sender.empty();
    return pattern.contains('@') ? iequals(pattern, sender)
                                 : domain_fits(pattern, auth::split_address(sender).domain);
}

// A pattern for domains as it is compared: A-labels, whichever it was written in.
std::string canonical_pattern(std::string_view pattern) {
    const std::string_view head = pattern.starts_with("*.") ? "*." : "";
    const auto domain = auth::canonical_domain(pattern.substr(head.size()));
    return domain ? std::string(head) + *domain : std::string(pattern);
}

std::string canonical_or_same(std::string_view domain) {
    return auth::canonical_domain(domain).value_or(std::string(domain));
}

class TableRouter final : public queue::Router {
 public:
    TableRouter(std::vector<RouteSettings> routes, std::vector<DestinationSettings> destinations)
        : routes_(std::move(routes)), destinations_(std::move(destinations)) {
        for (RouteSettings& route : routes_) route.domain = canonical_pattern(route.domain);
        for (DestinationSettings& each : destinations_) {
            each.domain = canonical_pattern(each.domain);
        }
    }

    queue::Route route_of(std::string_view sender, std::string_view recipient) const override {
        const std::string domain = canonical_or_same(auth::split_address(recipient).domain);
        for (const RouteSettings& route : routes_) {
            if (!domain_fits(route.domain, domain)) continue;
            if (!sender_fits(route.sender, sender)) continue;
            const bool is_lmtp = route.protocol == RouteProtocol::lmtp;
            return {is_lmtp ? queue::RouteKind::lmtp : queue::RouteKind::host, route.host,
                    route.port};
        }
        return exchangers_->route_of(sender, recipient);
    }

    queue::DestinationRules rules_of(const queue::Route& route) const override {
        if (route.kind == queue::RouteKind::here) return {};
        if (route.kind != queue::RouteKind::mx) {
            for (const RouteSettings& each : routes_) {
                if (each.host == route.host && each.port == route.port) return rules(each.hop);
            }
            return {};
        }
        const std::string domain = canonical_or_same(route.host);
        for (const DestinationSettings& each : destinations_) {
            if (domain_fits(each.domain, domain)) return rules(each.hop);
        }
        return {};
    }

 private:
    static queue::DestinationRules rules(const HopSettings& hop) {
        return {hop.attempts_at_once_max, hop.attempts_per_minute_max, hop.source_ipv4,
                hop.source_ipv6, hop.helo_name};
    }

    std::vector<RouteSettings> routes_;
    std::vector<DestinationSettings> destinations_;
    std::shared_ptr<const queue::Router> exchangers_ = queue::make_mx_router();
};

}  // namespace

std::shared_ptr<const queue::Router> make_router(
    const std::vector<RouteSettings>& routes,
    const std::vector<DestinationSettings>& destinations) {
    return std::make_shared<TableRouter>(routes, destinations);
}

}  // namespace postern::app
