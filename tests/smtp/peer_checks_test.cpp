// What the domain name system says of peers and of senders, and how long that holds: lists that are
// none first. RFC 5782 §2.1, §3, §5 to §7, RFC 7505 §3.
#include "smtp/peer_checks.hpp"

#include <gtest/gtest.h>

#include "dns/static_resolver.hpp"
#include "sim/machine.hpp"
#include "sim/world.hpp"
#include "transcripts/gateway.hpp"

namespace postern::smtp {
namespace {

constexpr const char* wildcard = "127.0.0.2";

struct Lookups {
    Lookups() : machine(world.add_machine("10.0.0.1", 1)) {
        machine.boot();
        settings.resolver = &resolver;
    }
    ~Lookups() { machine.kill(); }

    // As every list has to be, of addresses of both families and of domains.
    void add_list(const char* text) {
        const BlockList list = *parse_block_list(text);
        for (const char* entry :
             {"2.0.0.127.", "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.",
              "test."}) {
            if (!resolver.asked.contains(list.zone)) resolver.add_a(entry + list.zone, wildcard);
        }
        settings.block_lists.push_back(list);
    }
    PeerFacts peer(const char* address = "192.0.2.99") {
        PeerFacts facts;
        run(look_at_peer(this, address, &facts));
        return facts;
    }
    SenderFacts sender(const char* domain) {
        SenderFacts facts;
        run(look_at_sender(this, domain, &facts));
        return facts;
    }

    sim::World world{1, transcripts::quiet_plan()};
    sim::Machine& machine;
    dns::StaticResolver resolver;
    DefenceSettings settings;
    ListWatch watch;

 private:
    void run(engine::task<void> work) {
        machine.spawn(0, std::move(work));
        world.run_until([&] { return machine.is_idle(); }, world.now() + minutes(5));
    }
    static MonotonicTime soon() { return engine::Shard::current().now() + seconds(5); }
    static engine::task<void> look_at_peer(Lookups* all, std::string address, PeerFacts* facts) {
        *facts = co_await look_up_peer(&all->settings, &all->watch, std::move(address), soon());
    }
    static engine::task<void> look_at_sender(Lookups* all, std::string domain, SenderFacts* facts) {
        *facts = co_await look_up_sender(&all->settings, &all->watch, std::move(domain), soon());
    }
};

// ---- lists that are none ------------------------------------------------------------------------

// RFC 5782 §7: an abandoned list whose domain has a new owner lists everything, or nothing.
TEST(PeerChecks, ListsThatAreNone) {
    Lookups lists_all;
    lists_all.add_list("list.test");
    lists_all.resolver.add_a("1.0.0.127.list.test", wildcard);
    lists_all.resolver.add_a("99.2.0.192.list.test", wildcard);
    EXPECT_EQ(lists_all.peer().listing.score, 0);
    Lookups no_test_entry;
    no_test_entry.settings.block_lists = {{"list.test", 1}};
    no_test_entry.resolver.add_a("99.2.0.192.list.test", wildcard);
    EXPECT_EQ(no_test_entry.peer().listing.score, 0);
    Lookups unknown;
    unknown.add_list("list.test");
    unknown.resolver.fail("1.0.0.127.list.test", dns::Type::a, dns::Outcome::failed);
    unknown.resolver.add_a("99.2.0.192.list.test", wildcard);
    EXPECT_EQ(unknown.peer().listing.score, 0);
    unknown.resolver.forget("1.0.0.127.list.test", dns::Type::a);
    unknown.world.run_for(minutes(2));
    EXPECT_EQ(unknown.peer().listing.score, 1);
}

// RFC 5782 §5: looked at again, and only when somebody is listed.
TEST(PeerChecks, TestEntriesAreLookedAtEachHour) {
    Lookups all;
    all.add_list("list.test");
    for (int i = 0; i < 3; ++i) all.peer();
    EXPECT_EQ(all.resolver.asked["2.0.0.127.list.test"], 0u);
    all.resolver.add_a("99.2.0.192.list.test", wildcard);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(all.peer().listing.score, 1);
    EXPECT_EQ(all.resolver.asked["2.0.0.127.list.test"], 1u);
    all.resolver.forget("2.0.0.127.list.test", dns::Type::a);
    all.world.run_for(minutes(61));
    EXPECT_EQ(all.peer().listing.score, 0);
    EXPECT_EQ(all.resolver.asked["2.0.0.127.list.test"], 2u);
}

// RFC 5782 §2.4, §5: with the entries of the family.
TEST(PeerChecks, Ipv6) {
    Lookups all;
    all.add_list("list.test");
    const std::string name = block_list_name("2001:db8::9", "list.test");
    all.resolver.add_a(name, wildcard);
    EXPECT_EQ(all.peer("2001:db8::9").listing.score, 1);
    EXPECT_EQ(all.resolver.asked["2.0.0.127.list.test"], 0u);
    EXPECT_EQ(all.peer("2001:db8::8").listing.score, 0);
}

// ---- listings -----------------------------------------------------------------------------------

TEST(PeerChecks, WeightsAndWords) {
    Lookups all;
    for (const char* list : {"one.test=2", "two.test=3", "trusted.test=-4", "three.test"}) {
        all.add_list(list);
    }
    for (const char* zone : {"one.test", "two.test", "trusted.test"}) {
        all.resolver.add_a("99.2.0.192." + std::string(zone), wildcard);
    }
    all.resolver.add_txt("99.2.0.192.two.test", "spam\x01\xff seen, see list.test");
    const PeerFacts facts = all.peer();
    EXPECT_EQ(facts.listing.score, 1);
    EXPECT_EQ(facts.listing.words(), " by one.test two.test (spam?? seen, see list.test)");
    EXPECT_EQ(describe(facts), "block lists: one.test two.test");
    EXPECT_EQ(all.resolver.asked["99.2.0.192.trusted.test"], 1u) << "no words are asked for";
}

TEST(PeerChecks, AReasonIsCut) {
    Lookups all;
    all.add_list("one.test");
    all.resolver.add_a("99.2.0.192.one.test", wildcard);
    all.resolver.add_txt("99.2.0.192.one.test", std::string(2'000, 'x'));
    EXPECT_EQ(all.peer().listing.reason.size(), 200u);
}

// RFC 5782 §2.3
TEST(PeerChecks, PartsOfOneList) {
    Lookups all;
    all.add_list("list.test:127.0.0.2-127.0.0.3=5");
    all.settings.block_lists.push_back(*parse_block_list("list.test:127.0.0.9=1"));
    all.resolver.add_a("99.2.0.192.list.test", "127.0.0.9");
    EXPECT_EQ(all.peer().listing.score, 1);
    all.resolver.add_a("99.2.0.192.list.test", "127.0.0.3");
    EXPECT_EQ(all.peer().listing.score, 6);
    EXPECT_EQ(all.peer().listing.zones, "list.test") << "named once";
}

// RFC 5782 §6: no longer than the records themselves.
TEST(PeerChecks, HowLongItHolds) {
    Lookups all;
    all.add_list("list.test");
    EXPECT_EQ(all.peer().ttl_s, 60u) << "nobody said how long it is not there";
    all.resolver.add_a("99.2.0.192.list.test", wildcard);
    EXPECT_EQ(all.peer().ttl_s, 300u);
    all.resolver.set_ttl("99.2.0.192.list.test", dns::Type::a, 7);
    EXPECT_EQ(all.peer().ttl_s, 7u);
    all.resolver.set_ttl("99.2.0.192.list.test", dns::Type::a, 0);
    EXPECT_EQ(all.peer().ttl_s, 0u);
    all.resolver.set_ttl("99.2.0.192.list.test", dns::Type::a, 86'400);
    EXPECT_EQ(all.peer().ttl_s, 3'600u);
    all.resolver.fail("99.2.0.192.list.test", dns::Type::a, dns::Outcome::failed);
    EXPECT_EQ(all.peer().ttl_s, 60u);
}

// ---- senders ------------------------------------------------------------------------------------

// RFC 5782 §3, §5
TEST(PeerChecks, DomainsOfSenders) {
    Lookups all;
    all.add_list("list.test=2");
    all.settings.domain_lists = std::exchange(all.settings.block_lists, {});
    all.resolver.add_a("spam.test.list.test", wildcard);
    EXPECT_EQ(all.sender("spam.test").listing.score, 2);
    EXPECT_EQ(all.sender("ham.test").listing.score, 0);
    EXPECT_EQ(all.peer().listing.score, 0);
    all.resolver.add_a("invalid.list.test", wildcard);
    all.world.run_for(minutes(61));
    EXPECT_EQ(all.sender("spam.test").listing.score, 0) << "it lists everything";
}

TEST(PeerChecks, DomainsThatTakeNoMail) {
    Lookups all;
    all.settings.refuses_null_mx = true;
    EXPECT_FALSE(all.sender("nothing.test").has_null_mx);
    all.resolver.add_mx("none.test", 0, "");
    EXPECT_TRUE(all.sender("none.test").has_null_mx);
    all.resolver.add_mx("none.test", 10, "mx.none.test");
    EXPECT_FALSE(all.sender("none.test").has_null_mx);
    all.resolver.fail("broken.test", dns::Type::mx, dns::Outcome::timed_out);
    EXPECT_FALSE(all.sender("broken.test").has_null_mx);
    all.settings.refuses_null_mx = false;
    all.resolver.asked.clear();
    all.sender("none.test");
    EXPECT_EQ(all.resolver.asked["none.test"], 0u);
}

}  // namespace
}  // namespace postern::smtp
