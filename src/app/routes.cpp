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

class TableRouter final : public queue::Router {
 public:
    explicit TableRouter(std::vector<RouteSettings> routes) : routes_(std::move(routes)) {}

    queue::Route route_of(std::string_view sender, std::string_view recipient) const override {
        const std::string_view domain = auth::split_address(recipient).domain;
        for (const RouteSettings& route : routes_) {
            if (!domain_fits(route.domain, domain)) continue;
            if (!sender_fits(route.sender, sender)) continue;
            const bool is_lmtp = route.protocol == RouteProtocol::lmtp;
            return {is_lmtp ? queue::RouteKind::lmtp : queue::RouteKind::host, route.host,
                    route.port};
        }
        return exchangers_->route_of(sender, recipient);
    }

 private:
    std::vector<RouteSettings> routes_;
    std::shared_ptr<const queue::Router> exchangers_ = queue::make_mx_router();
};

}  // namespace

std::shared_ptr<const queue::Router> make_router(const std::vector<RouteSettings>& routes) {
    return std::make_shared<TableRouter>(routes);
}

}  // namespace postern::app
