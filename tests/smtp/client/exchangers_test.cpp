// The addresses of a host, when some of the answers are slow or bad; null MX.
// RFC 8305 §3, §4, RFC 7505 §3, RFC 5321 §5.1.
#include "smtp/client/exchangers.hpp"

#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::smtp::client {
namespace {

using Addresses = std::vector<std::string>;

engine::task<void> look_for_addresses(Bed* bed, Families families, HostAddresses* into) {
    const MonotonicTime deadline = net::deadline_in(seconds(30));
    *into = co_await find_addresses(&bed->resolver, "mx.far.test", families, deadline);
}

HostAddresses addresses_of(Bed& bed, Families families = Families::both) {
    HostAddresses found;
    bed.run(look_for_addresses(&bed, families, &found));
    return found;
}

engine::task<void> look_for_exchangers(Bed* bed, std::expected<Exchangers, Trouble>* into) {
    Draw first = [](std::uint32_t) { return 0u; };
    const MonotonicTime deadline = net::deadline_in(seconds(30));
    *into = co_await find_exchangers(&bed->resolver, "far.test", std::move(first), deadline);
}

std::expected<Exchangers, Trouble> exchangers_of(Bed& bed) {
    std::expected<Exchangers, Trouble> found;
    bed.run(look_for_exchangers(&bed, &found));
    return found;
}

// ---- null MX ------------------------------------------------------------------------------------

// RFC 7505 §3: one record without a name; whatever its preference, nothing else can be meant.
TEST(ClientExchangers, NullMx) {
    for (const unsigned preference : {0u, 10u}) {
        Bed bed;
        bed.resolver.add_mx("far.test", preference, "");
        bed.resolver.add_a("far.test", "10.0.0.2");
        const auto found = exchangers_of(bed);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().outcome, queue::Outcome::failed);
        EXPECT_EQ(found.error().status, "5.1.10");
        EXPECT_EQ(bed.resolver.asked["far.test"], 1u) << "its addresses do not matter";
    }
}

// RFC 7505 §3 forbids another record beside it: then those with names count.
TEST(ClientExchangers, NullMxBesideOthersIsNone) {
    Bed bed;
    bed.resolver.add_mx("far.test", 0, "");
    bed.resolver.add_mx("far.test", 10, "mx.far.test");
    const auto found = exchangers_of(bed);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->hosts.size(), 1u);
    EXPECT_EQ(found->hosts[0].host, "mx.far.test");
}

// ---- addresses ----------------------------------------------------------------------------------

TEST(ClientExchangers, NoAddressesAtAll) {
    Bed bed;
    EXPECT_TRUE(addresses_of(bed).is_absent());
    bed.resolver.fail("mx.far.test", dns::Type::aaaa, dns::Outcome::failed);
    EXPECT_EQ(addresses_of(bed).outcome, dns::Outcome::failed) << "there may be some";
    bed.resolver.fail("mx.far.test", dns::Type::a, dns::Outcome::timed_out);
    EXPECT_EQ(addresses_of(bed).outcome, dns::Outcome::timed_out);
    EXPECT_FALSE(addresses_of(bed, Families::only_ipv6).is_absent());
}

// RFC 8305 §4
TEST(ClientExchangers, FamiliesInTurns) {
    Bed bed;
    for (const char* address : {"10.0.0.2", "10.0.0.3", "10.0.0.4", "2001:db8::1"}) {
        bed.resolver.add_a("mx.far.test", address);
    }
    EXPECT_EQ(addresses_of(bed).addresses,
              (Addresses{"2001:db8::1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}));
    EXPECT_FALSE(addresses_of(bed).late);
    EXPECT_EQ(addresses_of(bed, Families::only_ipv6).addresses, Addresses{"2001:db8::1"});
    EXPECT_EQ(addresses_of(bed, Families::only_ipv4).addresses.size(), 3u);
}

// RFC 8305 §3: a family whose question is never answered costs 50 ms, and is not forgotten.
TEST(ClientExchangers, AFamilyThatIsNotAnsweredIsNotWaitedFor) {
    for (const bool is_ipv6_slow : {true, false}) {
        Bed bed;
        bed.resolver.add_a("mx.far.test", is_ipv6_slow ? "10.0.0.2" : "2001:db8::1");
        bed.resolver.fail("mx.far.test", is_ipv6_slow ? dns::Type::aaaa : dns::Type::a,
                          dns::Outcome::timed_out);
        const MonotonicTime began = bed.world.now();
        const HostAddresses found = addresses_of(bed);
        EXPECT_EQ(found.addresses.size(), 1u);
        EXPECT_GE(bed.world.now(), began + resolution_delay);
        EXPECT_LT(bed.world.now(), began + seconds(1));
        ASSERT_TRUE(found.late);
        EXPECT_EQ(*found.late, is_ipv6_slow ? Families::only_ipv6 : Families::only_ipv4);
    }
}

// What comes first does not serve, so the other is waited for after all.
TEST(ClientExchangers, LateAddressesServeWhenThereAreNoOthers) {
    Bed bed;
    bed.resolver.add_mx("far.test", 10, "mx.far.test");
    bed.resolver.add_a("mx.far.test", "2001:db8::99");  // nobody there
    bed.resolver.add_slowly("mx.far.test", dns::Type::a, seconds(2));
    ScriptedServer& server = bed.add_server("", "mx.far.test", "10.0.0.2");
    server.expect_connection(greeting() + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", {"bob@far.test"}).recipients[0].outcome,
              queue::Outcome::delivered);
}

}  // namespace
}  // namespace postern::smtp::client
