// See routes.hpp.
#include "app/routes.hpp"

#include <algorithm>
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
    TableRouter(std::vector<RouteSettings> routes, std::vector<DestinationSettings> destinations,
                std::vector<SenderSettings> senders, const OutboundSettings& outbound)
        : routes_(std::move(routes)),
          destinations_(std::move(destinations)),
          senders_(std::move(senders)) {
        for_all_.source_ipv4 = outbound.source_ipv4;
        for_all_.source_ipv6 = outbound.source_ipv6;
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
        queue::DestinationRules rules;
        const HopSettings* hop = find_hop(route);
        if (hop == nullptr) return rules;
        rules.concurrency_max = hop->attempts_at_once_max;
        rules.starts_per_minute_max = hop->attempts_per_minute_max;
        const DestinationSettings* destination = find_destination(route);
        if (destination != nullptr) rules.tls = queue::TlsRule(destination->tls);
        return rules;
    }

    // What is nearer to the next hop counts more: it may know us by that address alone.
    queue::Sources sources_of(const queue::Route& route, std::string_view sender) const override {
        const HopSettings* hop = find_hop(route);
        if (hop != nullptr && has_sources(*hop)) return sources("hop", *hop);
        for (std::size_t i = 0; i < senders_.size(); ++i) {
            if (!sender_fits(senders_[i].sender, sender)) continue;
            return sources("sender" + std::to_string(i), senders_[i].hop);
        }
        return sources("", for_all_);
    }

 private:
    static bool has_sources(const HopSettings& hop) {
        return !hop.source_ipv4.empty() || !hop.source_ipv6.empty() || !hop.helo_name.empty();
    }

    const DestinationSettings* find_destination(const queue::Route& route) const {
        if (route.kind != queue::RouteKind::mx) return nullptr;
        const std::string domain = canonical_or_same(route.host);
        for (const DestinationSettings& each : destinations_) {
            if (domain_fits(each.domain, domain)) return &each;
        }
        return nullptr;
    }

    const HopSettings* find_hop(const queue::Route& route) const {
        if (route.kind == queue::RouteKind::here) return nullptr;
        if (route.kind == queue::RouteKind::mx) {
            const DestinationSettings* destination = find_destination(route);
            return destination == nullptr ? nullptr : &destination->hop;
        }
        for (const RouteSettings& each : routes_) {
            if (each.host == route.host && each.port == route.port) return &each.hop;
        }
        return nullptr;
    }

    // Of a family of which nothing is said, those for all.
    queue::Sources sources(std::string name, const HopSettings& hop) const {
        queue::Sources out;
        out.name = std::move(name);
        out.ipv4 = pool(hop.source_ipv4.empty() ? for_all_.source_ipv4 : hop.source_ipv4);
        out.ipv6 = pool(hop.source_ipv6.empty() ? for_all_.source_ipv6 : hop.source_ipv6);
        out.helo_name = hop.helo_name;
        return out;
    }

    static std::vector<queue::Source> pool(const SourceAddresses& texts) {
        std::vector<queue::Source> out;
        for (const std::string& text : texts) {
            const std::size_t equals = std::min(text.find('='), text.size());
            std::string helo_name = text.substr(std::min(equals + 1, text.size()));
            out.push_back({text.substr(0, equals), std::move(helo_name)});
        }
        return out;
    }

    std::vector<RouteSettings> routes_;
    std::vector<DestinationSettings> destinations_;
    std::vector<SenderSettings> senders_;
    HopSettings for_all_;
    std::shared_ptr<const queue::Router> exchangers_ = queue::make_mx_router();
};

}  // namespace

std::shared_ptr<const queue::Router> make_router(
    const std::vector<RouteSettings>& routes, const std::vector<DestinationSettings>& destinations,
    const std::vector<SenderSettings>& senders, const OutboundSettings& outbound) {
    return std::make_shared<TableRouter>(routes, destinations, senders, outbound);
}

}  // namespace postern::app
