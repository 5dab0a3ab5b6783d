// Keys of routes and back; malformed first.
#include "queue/route.hpp"

#include <gtest/gtest.h>

namespace postern::queue {
namespace {

TEST(Route, RefusesKeysThatAreNone) {
    for (std::string_view key :
         {"", ":", "mx", "mx:", "max:example.org", "host:example.org", "host::25", "host:a:0",
          "host:a:65536", "host:a:025", "host:a:+25", "lmtp:a:", "MX:example.org"}) {
        EXPECT_FALSE(parse_route_key(key)) << key;
    }
}

TEST(Route, KeysComeBackAsTheRoute) {
    for (const Route& route :
         {Route{RouteKind::mx, "example.org", 25}, Route{RouteKind::mx, "[IPv6:2001:db8::1]", 25},
          Route{RouteKind::host, "relay.example.org", 587},
          Route{RouteKind::lmtp, "2001:db8::1", 24}, route_here()}) {
        EXPECT_EQ(parse_route_key(route.key()), route) << route.key();
    }
}

TEST(Router, ToTheExchangersOfTheDomain) {
    const auto router = make_mx_router();
    EXPECT_EQ(router->route_of("", "a@Example.ORG").key(), "mx:example.org");
    EXPECT_EQ(router->route_of("x@y", "\"a@b\"@example.org").key(), "mx:example.org");
}

}  // namespace
}  // namespace postern::queue
