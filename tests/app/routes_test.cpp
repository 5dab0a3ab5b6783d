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

TEST(Routes, LmtpAndPorts) {
    RouteSettings store = to_host("inner.test", "*", "192.0.2.9");
    store.protocol = RouteProtocol::lmtp;
    store.port = 24;
    EXPECT_EQ(make_router({store})->route_of("", "a@inner.test").key(), "lmtp:192.0.2.9:24");
}

}  // namespace
}  // namespace postern::app
