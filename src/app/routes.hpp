// Which next hop mail has, by the routes of the configuration: the first that fits a recipient's
// domain and the sender; what holds at a next hop, by its route or [[destination]], and from which
// addresses of ours it is sent. Pure.
#pragma once

#include <memory>
#include <vector>

#include "app/config.hpp"
#include "queue/route.hpp"

namespace postern::app {

// What none of them fits goes to the mail exchangers of its domain.
std::shared_ptr<const queue::Router> make_router(
    const std::vector<RouteSettings>& routes,
    const std::vector<DestinationSettings>& destinations = {},
    const std::vector<SenderSettings>& senders = {}, const OutboundSettings& outbound = {});

}  // namespace postern::app
