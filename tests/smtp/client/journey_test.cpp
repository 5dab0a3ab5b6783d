// Where mail goes and under which conditions: exchangers, addresses, ourselves, TLS, login,
// sessions that are kept. Long for a reason: one small world of servers serves everything that a
// journey decides.
#include "smtp/client/journey.hpp"

#include <gtest/gtest.h>

#include "policy_beds.hpp"
#include "tls/tickets.hpp"

namespace postern::smtp::client {
namespace {

using engine::task;
using queue::DestinationVerdict;
using queue::Outcome;

const std::vector<std::string> all_well;
const std::vector<std::string> bob = {"bob@far.test"};

// ---- the domain ---------------------------------------------------------------------------------

TEST(ClientJourney, DomainsThatTakeNoMail) {
    Bed bed;
    bed.resolver.add_mx("null.test", 0, "");
    bed.resolver.fail("broken.test", dns::Type::mx, dns::Outcome::failed);
    bed.resolver.fail("lying.test", dns::Type::mx, dns::Outcome::bogus);
    bed.resolver.fail("slow.test", dns::Type::mx, dns::Outcome::timed_out);
    bed.resolver.add_mx("dead.test", 10, "mx.dead.test");
    bed.resolver.add_mx("address.test", 10, "10.0.0.9");
    const std::vector<std::tuple<std::string, Outcome, std::string>> expected = {
        {"nothing.test", Outcome::failed, "5.1.2"},  {"null.test", Outcome::failed, "5.1.10"},
        {"broken.test", Outcome::deferred, "4.4.3"}, {"lying.test", Outcome::deferred, "4.4.3"},
        {"slow.test", Outcome::deferred, "4.4.3"},   {"dead.test", Outcome::failed, "5.4.4"},
        {"address.test", Outcome::failed, "5.4.4"},  {"a..b", Outcome::failed, "5.1.2"},
        {"[300.0.0.1]", Outcome::failed, "5.1.2"}};
    for (const auto& [domain, outcome, status] : expected) {
        const auto report = bed.attempt(domain, bob);
        EXPECT_EQ(report.recipients[0].outcome, outcome) << domain;
        EXPECT_EQ(report.recipients[0].status, status) << domain;
        EXPECT_EQ(report.destination, DestinationVerdict::unreachable);
    }
}

TEST(ClientJourney, WithoutMxTheDomainItself) {
    Bed bed;
    ScriptedServer& server = bed.add_server("", "far.test", "10.0.0.2");
    server.expect_connection(greeting() + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
}

TEST(ClientJourney, AddressLiterals) {
    Bed bed;
    ScriptedServer& server = bed.add_server("", "far.test", "10.0.0.2");
    server.expect_connection(greeting() + taking("bob@[10.0.0.2]") + leaving);
    const auto report = bed.attempt("[10.0.0.2]", {"bob@[10.0.0.2]"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
}

TEST(ClientJourney, PreferenceAndWhatIsDown) {
    Bed bed;
    ScriptedServer& second = bed.add_server("far.test", "mx2.far.test", "10.0.0.3", 20);
    bed.resolver.add_mx("far.test", 10, "mx1.far.test");
    bed.resolver.add_a("mx1.far.test", "10.0.0.99");  // nobody there
    second.expect_connection(greeting() + taking() + leaving);
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(report.remote_host, "mx2.far.test");
    EXPECT_EQ(report.destination, DestinationVerdict::reachable);
}

// RFC 8305 §5: an address that says nothing costs a moment, not its whole timeout.
TEST(ClientJourney, AddressesRace) {
    Bed bed;
    for (const char* silent : {"10.0.0.97", "10.0.0.98", "10.0.0.99"}) {
        bed.resolver.add_a("mx.far.test", silent);
    }
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.expect_connection(greeting() + taking() + leaving);
    const MonotonicTime began = bed.world.now();
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(report.remote_address, "10.0.0.2");
    EXPECT_LT(bed.world.now(), began + seconds(10));
}

// The one that answers first may not want us.
TEST(ClientJourney, AddressesThatWereNotNeededAreTriedThen) {
    Bed bed;
    ScriptedServer& first = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    bed.resolver.add_a("mx.far.test", "10.0.0.99");  // nobody there
    ScriptedServer& last = bed.add_server("", "mx.far.test", "10.0.0.3");
    first.expect_connection({"S: 554 mx Not you"});
    last.expect_connection(greeting() + taking() + leaving);
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(report.remote_address, "10.0.0.3");
    EXPECT_EQ(first.connections, 1u);
}

TEST(ClientJourney, EqualPreferencesShareTheLoad) {
    unsigned first = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        Bed bed(seed);
        for (const char* host : {"a", "b"}) {
            auto& server = bed.add_server("far.test", std::string(host) + ".far.test",
                                          host[0] == 'a' ? "10.0.0.2" : "10.0.0.3");
            server.expect_connection(greeting() + taking() + leaving);
        }
        first += bed.attempt("far.test", bob).remote_host == "a.far.test" ? 1 : 0;
    }
    EXPECT_GT(first, 5u);
    EXPECT_LT(first, 35u);
}

// ---- ourselves ----------------------------------------------------------------------------------

TEST(ClientJourney, OurselvesByNameAndThoseNoBetter) {
    Bed bed;
    bed.resolver.add_mx("far.test", 20, "gw.sim.test");
    bed.resolver.add_mx("far.test", 20, "mx3.far.test");
    bed.resolver.add_mx("loop.test", 10, "gw.sim.test");
    bed.resolver.add_mx("loop.test", 20, "mx3.far.test");
    ScriptedServer& better = bed.add_server("far.test", "mx1.far.test", "10.0.0.2", 10);
    better.expect_connection({"S: 450 later", "C: QUIT", "S: 221 bye"});
    ScriptedServer& worse = bed.add_server("", "mx3.far.test", "10.0.0.3");
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::deferred);
    const auto report = bed.attempt("loop.test", {"bob@loop.test"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.4.6");
    EXPECT_EQ(worse.connections, 0u);
}

TEST(ClientJourney, OurselvesByAddress) {
    Bed bed;
    bed.settings.own_addresses = {"10.0.0.1"};
    bed.resolver.add_mx("own.test", 10, "other-name.test");
    bed.resolver.add_a("other-name.test", "10.0.0.1");
    bed.resolver.add_mx("loop.test", 10, "localhost.test");
    bed.resolver.add_a("localhost.test", "127.0.0.1");
    bed.resolver.add_mx("loop6.test", 10, "localhost6.test");
    bed.resolver.add_a("localhost6.test", "::ffff:127.0.0.1");
    for (const char* domain : {"own.test", "loop.test", "loop6.test"}) {
        EXPECT_EQ(bed.attempt(domain, bob).recipients[0].status, "5.4.6") << domain;
    }
}

// ---- TLS ----------------------------------------------------------------------------------------

TEST(ClientJourney, OpportunisticTls) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.tls = serving(own_certificate("somebody.else.test"));
    server.expect_connection(with_tls(taking() + leaving));
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_TRUE(report.tls.starts_with("TLSv1.3")) << report.tls;
    EXPECT_EQ(bed.complaints(), all_well);
}

// RFC 3207 §6: what was slipped in before the handshake does not count.
TEST(ClientJourney, WhatWasInjectedBeforeTheHandshakeIsThrownAway) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.tls = serving(own_certificate("mx.far.test"));
    server.expect_connection(greeting({"STARTTLS"}) +
                             Script{"C: STARTTLS", "N: 220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n",
                                    "T:", "C: EHLO gw.sim.test", "S: 250-mx", "S: 250 PIPELINING"} +
                             taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), all_well);
}

TEST(ClientJourney, StarttlsThatFailsGoesOnInTheClear) {
    for (const Script& failure :
         {Script{"C: STARTTLS", "S: 454 4.7.0 Not now", "C: QUIT", "S: 221 bye"},
          Script{"C: STARTTLS", "S: 220 go", "N: garbage, not TLS\r\n", "X:"},
          Script{"C: STARTTLS", "X:"}}) {
        Bed bed;
        bed.use_tls = true;
        ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
        server.expect_connection(greeting({"PIPELINING", "STARTTLS"}) + failure);
        server.expect_connection(greeting({"PIPELINING", "STARTTLS"}) + taking() + leaving);
        const auto report = bed.attempt("far.test", bob);
        EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
        EXPECT_EQ(report.tls, "");
    }
}

// RFC 8446 §2.2: the second connection costs no certificate.
TEST(ClientJourney, TlsIsResumedWhereNothingIsVerified) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    tls::ServerOptions options;
    options.certificates = {own_certificate("mx.far.test")};
    options.tickets = std::make_shared<tls::TicketKeys>();
    server.tls = tls::ServerContext::make(std::move(options)).value();
    for (int i = 0; i < 3; ++i) {
        server.expect_connection(with_tls(taking() + leaving));
        const auto report = bed.attempt("far.test", bob);
        EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
        EXPECT_EQ(report.tls.contains("resumed"), i > 0) << report.tls;
        bed.wait(minutes(1));
    }
    EXPECT_EQ(server.connections, 3u);
}

// ---- smarthosts ---------------------------------------------------------------------------------

TEST(ClientJourney, SmarthostWithLogin) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("", "relay.sim.test", "10.0.0.2", 0, 587);
    server.tls = serving(own_certificate("relay.sim.test"));
    bed.settings.relays.push_back(
        {"relay.sim.test", 587, TlsLevel::encrypt, TlsStart::starttls, Login{"user", "secret"}});
    const Script hello = greeting({"STARTTLS"}) + Script{"C: STARTTLS", "S: 220 go",
                                                         "T:", "C: EHLO gw.sim.test", "S: 250-mx"};
    server.expect_connection(hello +
                             Script{"S: 250-PIPELINING", "S: 250 AUTH PLAIN",
                                    "C: AUTH PLAIN AHVzZXIAc2VjcmV0", "S: 235 in"} +
                             taking() + leaving);
    server.expect_connection(hello +
                             Script{"S: 250-PIPELINING", "S: 250 AUTH LOGIN", "C: AUTH LOGIN",
                                    "S: 334 VXNlcm5hbWU6", "C: dXNlcg==", "S: 334 UGFzc3dvcmQ6",
                                    "C: c2VjcmV0", "S: 535 no"} +
                             leaving);
    queue::Route route{queue::RouteKind::host, "relay.sim.test", 587};
    EXPECT_EQ(bed.attempt(route, bob).recipients[0].outcome, Outcome::delivered);
    bed.finish();
    const auto report = bed.attempt(route, bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.7.8");
    EXPECT_EQ(bed.complaints(), all_well);
}

// RFC 5321 §4.2.1: a fixed host that is not itself today returns no mail.
TEST(ClientJourney, AFixedHostThatRefusesAtTheDoorIsTriedLater) {
    for (const auto kind : {queue::RouteKind::host, queue::RouteKind::lmtp}) {
        const char* hello =
            kind == queue::RouteKind::lmtp ? "C: LHLO gw.sim.test" : "C: EHLO gw.sim.test";
        Script no_hello = {"S: 220 mx", hello, "S: 502 what"};
        if (kind == queue::RouteKind::host) {
            no_hello = no_hello + Script{"C: HELO gw.sim.test", "S: 502 what"};
        }
        for (const Script& script : {Script{"S: 554 not today"}, no_hello}) {
            Bed bed;
            ScriptedServer& server = bed.add_server("", "inner.test", "10.0.0.2");
            server.expect_connection(script + leaving);
            const auto report = bed.attempt(queue::Route{kind, "inner.test", 25}, bob);
            EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
            EXPECT_EQ(report.destination, DestinationVerdict::throttled);
        }
    }
}

TEST(ClientJourney, NoPasswordInTheClear) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("", "relay.sim.test", "10.0.0.2", 0, 587);
    bed.settings.relays.push_back(
        {"relay.sim.test", 587, TlsLevel::may, TlsStart::starttls, Login{"user", "secret"}});
    server.expect_connection(greeting({"AUTH PLAIN"}) + leaving);
    queue::Route route{queue::RouteKind::host, "relay.sim.test", 587};
    EXPECT_EQ(bed.attempt(route, bob).recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(bed.complaints(), all_well);
}

// far.test is greeted by a name of its own.
class ParticularRouter final : public queue::Router {
 public:
    queue::Route route_of(std::string_view, std::string_view) const override { return {}; }
    queue::Sources sources_of(const queue::Route& route, std::string_view sender) const override {
        queue::Sources sources;
        if (route.host == "far.test") sources.helo_name = "out5.sim.test";
        if (sender == "shop@sim.test") sources = {"shop", {}, {}, "shop.sim.test"};
        return sources;
    }
};

TEST(ClientJourney, ADestinationMayHaveRulesOfItsOwn) {
    Bed bed;
    bed.settings.router = std::make_shared<ParticularRouter>();
    ScriptedServer& far = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    ScriptedServer& near = bed.add_server("near.test", "mx.near.test", "10.0.0.3");
    Script particular = greeting();
    for (std::string& line : particular) {
        if (line.starts_with("C: EHLO")) line = "C: EHLO out5.sim.test";
    }
    far.expect_connection(particular + taking() + leaving);
    near.expect_connection(greeting() + taking("bob@near.test") + leaving);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.attempt("near.test", {"bob@near.test"}).recipients[0].outcome,
              Outcome::delivered);
    EXPECT_EQ(bed.complaints(), all_well);
}

// Mail of a sender that is sent from elsewhere shares no connection with other mail.
TEST(ClientJourney, ASenderMayHaveAddressesOfItsOwn) {
    Bed bed;
    bed.settings.router = std::make_shared<ParticularRouter>();
    ScriptedServer& near = bed.add_server("near.test", "mx.near.test", "10.0.0.3");
    Script shop = greeting();
    for (std::string& line : shop) {
        if (line.starts_with("C: EHLO")) line = "C: EHLO shop.sim.test";
    }
    Script taking_from_shop = taking("bob@near.test");
    taking_from_shop[0] = "C~ MAIL FROM:<shop@sim.test>";
    near.expect_connection(greeting() + taking("bob@near.test") + leaving);
    near.expect_connection(shop + taking_from_shop + leaving);
    EXPECT_EQ(bed.attempt("near.test", {"bob@near.test"}).recipients[0].outcome,
              Outcome::delivered);
    bed.envelope.sender = "shop@sim.test";
    EXPECT_EQ(bed.attempt("near.test", {"bob@near.test"}).recipients[0].outcome,
              Outcome::delivered);
    EXPECT_EQ(near.connections, 2u);
    bed.machine.enter(0, [&] { bed.the_transport().idle("mx:near.test"); });
    EXPECT_EQ(bed.complaints(), all_well);
}

TEST(ClientJourney, ImplicitTls) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("", "relay.sim.test", "10.0.0.2", 0, 465);
    server.tls = serving(own_certificate("relay.sim.test"));
    server.expect_connection(Script{"T:"} + greeting() + taking() + leaving);
    queue::Route route{queue::RouteKind::host, "relay.sim.test", 465};
    EXPECT_EQ(bed.attempt(route, bob).recipients[0].outcome, Outcome::delivered);
}

// ---- kept sessions ------------------------------------------------------------------------------

TEST(ClientJourney, SessionsAreKeptForAWhile) {
    Bed bed;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.expect_connection(greeting() + taking() + taking() + leaving);
    server.expect_connection(greeting() + taking() + leaving);
    bed.attempt("far.test", bob);
    bed.attempt("far.test", bob);
    EXPECT_EQ(server.connections, 1u);
    bed.wait(seconds(30));
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(server.connections, 2u);
    EXPECT_EQ(bed.complaints(), all_well);
}

TEST(ClientJourney, AKeptSessionThatDiedIsNobodysFault) {
    for (const Script& death :
         {Script{"X:"}, Script{"S: 421 4.4.2 idle", "X:"}, Script{"C~ MAIL", "X:"}}) {
        Bed bed;
        ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
        server.expect_connection(greeting() + taking() + death);
        server.expect_connection(greeting() + taking() + leaving);
        bed.attempt("far.test", bob);
        bed.wait(seconds(2));
        const auto report = bed.attempt("far.test", bob);
        EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
        EXPECT_EQ(report.destination, DestinationVerdict::reachable);
    }
}

// RFC 6152 §3
TEST(ClientJourney, EightBitIsConvertedWhereItMustBe) {
    Bed bed;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.expect_connection(greeting() + taking() + leaving);
    bed.put_message(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\ngr\xc3\xbc\xc3\x9f\r\n");
    bed.envelope.facts.has_8bit = true;
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    ASSERT_EQ(server.messages.size(), 1u);
    EXPECT_TRUE(server.messages[0].contains("quoted-printable\r\n\r\ngr=C3=BC=C3=9F\r\n"));
}

// RFC 3030 §3
TEST(ClientJourney, BinaryIsConvertedWhereItMustBe) {
    Bed bed;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.expect_connection(greeting({"PIPELINING", "8BITMIME", "CHUNKING"}) + taking() + leaving);
    bed.put_message(
        "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\na\rb\nc\xff");
    bed.envelope.facts.has_8bit = bed.envelope.facts.is_binary = true;
    bed.envelope.body = queue::BodyKind::binary;
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    ASSERT_EQ(server.messages.size(), 1u);
    EXPECT_TRUE(server.messages[0].contains("base64\r\n\r\nYQ1iCmP/\r\n")) << server.messages[0];
}

// RFC 6531 §3.5: nothing is sent, and the sender is told why.
TEST(ClientJourney, AnInternationalisedHeaderIsNotForEveryServer) {
    Bed bed;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.expect_connection(greeting({"PIPELINING", "8BITMIME"}) + leaving);
    bed.put_message("Subject: gr\xc3\xbc\xc3\x9f\r\n\r\nx\r\n");
    bed.envelope.facts.has_8bit = bed.envelope.facts.has_utf8_header = true;
    bed.envelope.is_smtputf8 = true;
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.6.9");
    EXPECT_TRUE(server.messages.empty());
    EXPECT_EQ(bed.complaints(), all_well);
}

}  // namespace
}  // namespace postern::smtp::client
