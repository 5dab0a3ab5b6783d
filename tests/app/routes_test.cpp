// Routes by the configuration: the first that fits counts; the rest goes to its mail exchangers.
#include "app/routes.hpp"

#include <gtest/gtest.h>

namespace postern::app {
namespace {

RouteSettings to_host(const char* domain, const char* sender, const char* host) {
    RouteSettings route;
    route.domain = domain;
    route.sender = sender;
    route.host = host;
    return route;
}

TEST(Routes, WithoutAnyToTheExchangers) {
    const auto router = make_router({});
    EXPECT_EQ(router->route_of("", "a@Far.test").key(), "mx:far.test");
}

TEST(Routes, ByDomain) {
    const auto router =
        make_router({to_host("Inner.test", "*", "one"), to_host("*.inner.test", "*", "two")});
    EXPECT_EQ(router->route_of("x@y.test", "a@inner.TEST").key(), "host:one:25");
    EXPECT_EQ(router->route_of("x@y.test", "a@b.inner.test").key(), "host:two:25");
    EXPECT_EQ(router->route_of("x@y.test", "a@c.b.inner.test").key(), "host:two:25");
    EXPECT_EQ(router->route_of("x@y.test", "a@xinner.test").key(), "mx:xinner.test");
}

TEST(Routes, BySender) {
    const auto router = make_router(
        {to_host("*", "<>", "bounces"), to_host("*", "boss@here.test", "boss"),
         to_host("far.test", "here.test", "both"), to_host("*", "*.there.test", "below")});
    EXPECT_EQ(router->route_of("", "a@far.test").key(), "host:bounces:25");
    EXPECT_EQ(router->route_of("Boss@Here.test", "a@far.test").key(), "host:boss:25");
    EXPECT_EQ(router->route_of("clerk@here.test", "a@far.test").key(), "host:both:25");
    EXPECT_EQ(router->route_of("clerk@here.test", "a@else.test").key(), "mx:else.test");
    EXPECT_EQ(router->route_of("x@b.there.test", "a@else.test").key(), "host:below:25");
    EXPECT_EQ(router->route_of("x@there.test", "a@else.test").key(), "mx:else.test");
}

TEST(Routes, WhatHoldsAtADestination) {
    RouteSettings relay = to_host("*", "<>", "relay.test");
    relay.hop.attempts_per_minute_max = 9;
    RouteSettings again = relay;
    again.hop.attempts_per_minute_max = 10;
    DestinationSettings exact{"far.test", {1, 2, "192.0.2.5", "2001:db8::5", "out.test"}};
    DestinationSettings below{"*.far.test", {3, 0, "", "", ""}};
    DestinationSettings international{"B\xc3\xb8r.test", {4, 0, "", "", ""}};
    const auto router = make_router({relay, again}, {exact, below, international});
    const auto at_once = [&](const char* key) {
        return router->rules_of(*queue::parse_route_key(key)).concurrency_max;
    };
    EXPECT_EQ(at_once("mx:elsewhere.test"), 0u);
    EXPECT_EQ(at_once("mx:nearfar.test"), 0u);
    EXPECT_EQ(at_once("mx:[192.0.2.1]"), 0u);
    EXPECT_EQ(at_once("host:far.test:25"), 0u) << "a host is no domain";
    EXPECT_EQ(at_once("here:mailboxes"), 0u);
    EXPECT_EQ(at_once("mx:far.test"), 1u);
    EXPECT_EQ(at_once("mx:a.b.far.test"), 3u);
    EXPECT_EQ(at_once("mx:b\xc3\xa4r.test"), 0u);
    EXPECT_EQ(at_once("mx:b\xc3\xb8r.test"), 4u);
    EXPECT_EQ(at_once("mx:xn--br-lka.test"), 4u);
    const auto rules = router->rules_of(*queue::parse_route_key("mx:far.test"));
    EXPECT_EQ(rules.starts_per_minute_max, 2u);
    EXPECT_EQ(rules.source_ipv4, "192.0.2.5");
    EXPECT_EQ(rules.source_ipv6, "2001:db8::5");
    EXPECT_EQ(rules.helo_name, "out.test");
    const auto to_relay = router->rules_of(*queue::parse_route_key("host:relay.test:25"));
    EXPECT_EQ(to_relay.starts_per_minute_max, 9u) << "the first counts";
    EXPECT_EQ(router->rules_of(*queue::parse_route_key("host:relay.test:26")).starts_per_minute_max,
              0u);
}

TEST(Routes, LmtpAndPorts) {
    RouteSettings store = to_host("inner.test", "*", "192.0.2.9");
    store.protocol = RouteProtocol::lmtp;
    store.port = 24;
    EXPECT_EQ(make_router({store})->route_of("", "a@inner.test").key(), "lmtp:192.0.2.9:24");
}

}  // namespace
}  // namespace postern::app
