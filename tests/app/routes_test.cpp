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
    DestinationSettings exact{"far.test", {1, 2, {"192.0.2.5"}, {"2001:db8::5"}, "out.test"}};
    DestinationSettings below{"*.far.test", {3, 0, {}, {}, ""}, DestinationTls::dane};
    DestinationSettings international{"B\xc3\xb8r.test", {4, 0, {}, {}, ""}};
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
    EXPECT_EQ(rules.tls, queue::TlsRule::usual);
    const auto tls_below = router->rules_of(*queue::parse_route_key("mx:a.far.test")).tls;
    EXPECT_EQ(tls_below, queue::TlsRule::dane);
    const auto to_relay = router->rules_of(*queue::parse_route_key("host:relay.test:25"));
    EXPECT_EQ(to_relay.starts_per_minute_max, 9u) << "the first counts";
    EXPECT_EQ(router->rules_of(*queue::parse_route_key("host:relay.test:26")).starts_per_minute_max,
              0u);
}

std::string told(const std::vector<queue::Source>& pool) {
    std::string out;
    for (const queue::Source& each : pool) out += each.address + "/" + each.helo_name + " ";
    return out;
}

// The next hop's own before the sender's before those for all; the first sender that fits counts.
TEST(Routes, WhereMailIsSentFrom) {
    OutboundSettings outbound;
    outbound.source_ipv4 = {"192.0.2.1", "192.0.2.2=out2.test"};
    RouteSettings relay = to_host("inner.test", "*", "relay.test");
    relay.hop.source_ipv6 = {"2001:db8::7"};
    DestinationSettings far{"far.test", {0, 0, {"192.0.2.5"}, {}, "far.out.test"}};
    DestinationSettings near{"near.test", {3, 0, {}, {}, ""}};
    SenderSettings shop{"shop.test", {0, 0, {"192.0.2.8", "192.0.2.9"}, {}, "shop.out.test"}};
    SenderSettings anybody{"*.test", {0, 0, {"192.0.2.10"}, {}, ""}};
    const auto router = make_router({relay}, {far, near}, {shop, anybody}, outbound);
    const auto from = [&](const char* key, const char* sender) {
        return router->sources_of(*queue::parse_route_key(key), sender);
    };
    EXPECT_EQ(told(from("mx:else.test", "").ipv4), "192.0.2.1/ 192.0.2.2/out2.test ");
    EXPECT_EQ(from("mx:else.test", "").name, "");
    EXPECT_EQ(told(from("mx:else.test", "a@shop.test").ipv4), "192.0.2.8/ 192.0.2.9/ ");
    EXPECT_EQ(from("mx:else.test", "a@shop.test").helo_name, "shop.out.test");
    EXPECT_EQ(told(from("mx:else.test", "a@b.test").ipv4), "192.0.2.10/ ");
    EXPECT_NE(from("mx:else.test", "a@b.test").name, from("mx:else.test", "a@shop.test").name)
        << "or they would share connections";
    EXPECT_EQ(told(from("mx:far.test", "a@shop.test").ipv4), "192.0.2.5/ ");
    EXPECT_EQ(from("mx:far.test", "a@shop.test").helo_name, "far.out.test");
    EXPECT_EQ(told(from("mx:near.test", "a@shop.test").ipv4), "192.0.2.8/ 192.0.2.9/ ")
        << "that destination says nothing of addresses";
    EXPECT_EQ(told(from("host:relay.test:25", "a@shop.test").ipv6), "2001:db8::7/ ");
    EXPECT_EQ(told(from("host:relay.test:25", "").ipv4), "192.0.2.1/ 192.0.2.2/out2.test ");
}

TEST(Routes, LmtpAndPorts) {
    RouteSettings store = to_host("inner.test", "*", "192.0.2.9");
    store.protocol = RouteProtocol::lmtp;
    store.port = 24;
    EXPECT_EQ(make_router({store})->route_of("", "a@inner.test").key(), "lmtp:192.0.2.9:24");
}

}  // namespace
}  // namespace postern::app
