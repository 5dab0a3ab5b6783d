// Where mail goes and under which conditions: exchangers, addresses, ourselves, TLS, DANE, MTA-STS,
// login, sessions that are kept.
// Long for a reason: one small world of servers serves everything that a journey decides.
#include "smtp/client/journey.hpp"

#include <gtest/gtest.h>

#include "bed.hpp"
#include "tls/certificate.hpp"
#include "tls/chain.hpp"
#include "tls/crypto.hpp"
#include "tls/tickets.hpp"

namespace postern::smtp::client {
namespace {

using engine::task;
using queue::DestinationVerdict;
using queue::Outcome;

const std::vector<std::string> all_well;
const std::vector<std::string> bob = {"bob@far.test"};

tls::Certificate own_certificate(const std::string& name) {
    const WallTime then{1'600'000'000LL * 1'000'000'000};
    return tls::make_self_signed({name}, then, 7300).value();
}

std::shared_ptr<const tls::ServerContext> serving(const tls::Certificate& certificate) {
    tls::ServerOptions options;
    options.certificates = {certificate};
    return tls::ServerContext::make(std::move(options)).value();
}

Script with_tls(const Script& after) {
    return greeting({"PIPELINING", "STARTTLS"}) + Script{"C: STARTTLS", "S: 220 go",
                                                         "T:",          "C: EHLO gw.sim.test",
                                                         "S: 250-mx",   "S: 250 PIPELINING"} +
           after;
}

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

// ---- DANE ---------------------------------------------------------------------------------------

struct DaneBed : Bed {
    DaneBed() : certificate(own_certificate("mx.far.test")) {
        use_tls = true;
        trust = dns::Trust::secure;
        server = &add_server("far.test", "mx.far.test", "10.0.0.2");
        server->tls = serving(certificate);
    }
    void promise(const std::string& data, std::uint8_t usage = 3, std::uint8_t selector = 0) {
        resolver.add_tlsa("_25._tcp.mx.far.test", {usage, selector, 1, data});
    }
    std::string digest() const { return crypto::digest(crypto::Hash::sha256, certificate.der); }
    tls::Certificate certificate;
    ScriptedServer* server;
};

TEST(ClientJourney, DaneDoesNotFit) {
    DaneBed bed;
    bed.promise(std::string(32, 'x'));
    bed.server->expect_connection(greeting({"STARTTLS"}) +
                                  Script{"C: STARTTLS", "S: 220 go", "T:"});
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.7.5");
    EXPECT_EQ(bed.server->connections, 1u) << "never in the clear";
}

TEST(ClientJourney, DaneFits) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
}

TEST(ClientJourney, DaneByPublicKey) {
    DaneBed bed;
    const std::string key = tls::public_key_info(bed.certificate.der).value();
    bed.promise(crypto::digest(crypto::Hash::sha256, key), 3, 1);
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
}

TEST(ClientJourney, DaneWithoutStarttls) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.server->expect_connection(greeting() + leaving);
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.7.5");
}

// RFC 7672 §2.2: unusable records still mean TLS.
TEST(ClientJourney, DaneWithUnusableRecords) {
    DaneBed bed;
    bed.promise(bed.digest(), 1);
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    DaneBed other;
    other.promise(other.digest(), 1);
    other.server->expect_connection(greeting() + leaving);
    EXPECT_EQ(other.attempt("far.test", bob).recipients[0].status, "4.7.5");
}

TEST(ClientJourney, DaneWhenTheRecordsCannotBeHad) {
    for (dns::Outcome outcome :
         {dns::Outcome::bogus, dns::Outcome::failed, dns::Outcome::timed_out}) {
        DaneBed bed;
        bed.resolver.fail("_25._tcp.mx.far.test", dns::Type::tlsa, outcome);
        const auto report = bed.attempt("far.test", bob);
        EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
        EXPECT_EQ(bed.server->connections, 0u);
    }
}

// RFC 7672 §2.2.2
TEST(ClientJourney, FixedHostsHaveDaneToo) {
    const queue::Route route{queue::RouteKind::host, "mx.far.test", 25};
    DaneBed bed;
    bed.promise(bed.digest());
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt(route, bob).recipients[0].outcome, Outcome::delivered);
    DaneBed other;
    other.promise(std::string(32, 'x'));
    other.server->expect_connection(greeting({"STARTTLS"}) +
                                    Script{"C: STARTTLS", "S: 220 go", "T:"});
    EXPECT_EQ(other.attempt(route, bob).recipients[0].status, "4.7.5");
    EXPECT_EQ(other.server->connections, 1u) << "never in the clear";
}

TEST(ClientJourney, InsecureZonesHaveNoDane) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    bed.resolver.add_tlsa("_25._tcp.mx.far.test", {3, 0, 1, std::string(32, 'x')});
    server.expect_connection(greeting() + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.resolver.asked["_25._tcp.mx.far.test"], 0u);
}

// RFC 8689: a verified session to a server that knows it too.
TEST(ClientJourney, RequireTls) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.envelope.requires_tls = true;
    bed.server->expect_connection(
        greeting({"STARTTLS"}) +
        Script{"C: STARTTLS", "S: 220 go", "T:", "C: EHLO gw.sim.test", "S: 250-mx",
               "S: 250-PIPELINING", "S: 250 REQUIRETLS", "C: MAIL FROM:<alice@sim.test> REQUIRETLS",
               "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK", "S: 354 go", "D:", "S: 250 OK"} +
        leaving);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), all_well);
}

// RFC 8689 §4.2.1: the next host, until none is left.
TEST(ClientJourney, RequireTlsAsksEveryHost) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.envelope.requires_tls = true;
    ScriptedServer& second = bed.add_server("far.test", "mx2.far.test", "10.0.0.3", 20);
    bed.server->expect_connection(with_tls(leaving));
    second.expect_connection(greeting({"REQUIRETLS"}) + leaving);
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.7.30") << "what the first one lacked";
    EXPECT_EQ(report.destination, DestinationVerdict::reachable);
    EXPECT_EQ(second.connections, 1u);
    EXPECT_EQ(bed.complaints(), all_well);
}

// RFC 8689 §4.2.2, §3: what the recipient's domain wants does not count.
TEST(ClientJourney, TlsRequiredNoPassesOverPolicies) {
    DaneBed bed;
    bed.promise(std::string(32, 'x'));
    bed.envelope.tls_is_optional = true;
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), all_well) << "and the session is not kept for others";
    bed.envelope.tls_is_optional = false;
    bed.server->expect_connection(greeting({"STARTTLS"}) +
                                  Script{"C: STARTTLS", "S: 220 go", "T:"});
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::deferred);
}

task<void> read_reports(std::string* text) {
    auto entries = co_await engine::list_directory("/tls-reports");
    if (!entries) co_return;
    for (const auto& entry : *entries) {
        auto bytes = co_await engine::read_file("/tls-reports/" + entry.name, 1 << 20);
        if (bytes) *text += *bytes;
    }
}

// ---- MTA-STS ------------------------------------------------------------------------------------

struct FixedPolicies final : PolicyFetcher {
    engine::task<Result<std::string>> fetch(std::string domain, std::vector<std::string>,
                                            MonotonicTime) override {
        ++fetches;
        co_await engine::sleep_until(net::deadline_in(seconds(1)));
        if (text.empty()) co_return fail_gone(ErrorCode::refused, "no policy");
        co_return text;
    }
    std::string text;
    unsigned fetches = 0;
};

struct StsBed : Bed {
    explicit StsBed(const std::string& exchanger) {
        use_tls = true;
        services.fetcher = &policies;
        resolver.add_txt("_mta-sts.far.test", "v=STSv1; id=1;");
        resolver.add_a("mta-sts.far.test", "10.0.0.8");
        policies.text = "version: STSv1\nmode: enforce\nmx: " + exchanger + "\nmax_age: 86400\n";
        server = &add_server("far.test", "mx.far.test", "10.0.0.2");
        server->tls = serving(own_certificate("mx.far.test"));
    }
    FixedPolicies policies;
    ScriptedServer* server;
};

TEST(ClientJourney, StsPassesOverHostsThatAreNotNamed) {
    StsBed bed("other.far.test");
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.7.5");
    EXPECT_EQ(bed.server->connections, 0u);
}

TEST(ClientJourney, StsWantsACertificateThatVerifies) {
    StsBed bed("*.far.test");
    bed.server->expect_connection(greeting({"STARTTLS"}) +
                                  Script{"C: STARTTLS", "S: 220 go", "X:"});
    const auto report = bed.attempt("far.test", bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(bed.server->connections, 1u) << "never in the clear";
}

// RFC 8461 §5: mode testing holds nothing up; what would have failed is counted.
TEST(ClientJourney, StsInTestingIsCounted) {
    for (const char* exchanger : {"mx.far.test", "other.far.test"}) {
        StsBed bed(exchanger);
        auto& policy = bed.policies.text;
        policy.replace(policy.find("enforce"), 7, "testing");
        bed.settings.tls_report_directory = "/tls-reports";
        bed.server->expect_connection(with_tls(taking() + leaving));
        EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
        bed.finish();
        std::string text;
        bed.machine.spawn(0, read_reports(&text));
        bed.wait(seconds(10));
        EXPECT_TRUE(text.contains("far.test\tsts\tvalidation-failure\tmx.far.test\t1\tthe "))
            << text;
    }
}

TEST(ClientJourney, StsIsKeptAndFetchedAnewWithANewId) {
    StsBed bed("other.far.test");
    for (int i = 0; i < 3; ++i) bed.attempt("far.test", bob);
    EXPECT_EQ(bed.policies.fetches, 1u);
    bed.finish();  // what is in memory is gone, what is on disk is not
    bed.resolver.forget("_mta-sts.far.test", dns::Type::txt);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].status, "4.7.5");
    EXPECT_EQ(bed.policies.fetches, 1u);
    bed.resolver.add_txt("_mta-sts.far.test", "v=STSv1; id=2;");
    bed.attempt("far.test", bob);
    EXPECT_EQ(bed.policies.fetches, 2u);
}

task<void> ask_policy(StsCache* cache, unsigned* answers) {
    auto policy = co_await cache->policy_of("far.test", net::deadline_in(seconds(60)));
    *answers += policy ? 1 : 0;
}

TEST(ClientJourney, StsIsFetchedOnceForMany) {
    StsBed bed("mx.far.test");
    unsigned answers = 0;
    bed.machine.enter(0, [&] { bed.the_transport(); });
    for (int i = 0; i < 10; ++i) {
        bed.machine.spawn(0, ask_policy(&bed.transport->policies(), &answers));
    }
    bed.wait(seconds(10));
    EXPECT_EQ(answers, 10u);
    EXPECT_EQ(bed.policies.fetches, 1u);
}

TEST(ClientJourney, StsThatCannotBeFetchedIsNone) {
    StsBed bed("other.far.test");
    bed.policies.text.clear();
    bed.server->expect_connection(greeting() + taking() + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.attempt("far.test", bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.policies.fetches, 1u);
}

// ---- TLSRPT -------------------------------------------------------------------------------------

TEST(ClientJourney, WhatBecameOfTlsIsCounted) {
    DaneBed bed;
    bed.settings.tls_report_directory = "/tls-reports";
    bed.promise(bed.digest());
    ScriptedServer& plain = bed.add_server("plain.test", "mx.plain.test", "10.0.0.3");
    plain.expect_connection(greeting() + taking("bob@plain.test") + leaving);
    ScriptedServer& liar = bed.add_server("lie.test", "mx.lie.test", "10.0.0.4");
    liar.tls = serving(own_certificate("mx.lie.test"));
    bed.resolver.add_tlsa("_25._tcp.mx.lie.test", {3, 0, 1, std::string(32, 'x')});
    liar.expect_connection(greeting({"STARTTLS"}) + Script{"C: STARTTLS", "S: 220 go", "T:"});
    bed.server->expect_connection(with_tls(taking() + leaving));
    bed.attempt("far.test", bob);
    bed.attempt("plain.test", {"bob@plain.test"});
    bed.attempt("lie.test", {"bob@lie.test"});
    bed.finish();
    std::string text;
    bed.machine.spawn(0, read_reports(&text));
    bed.wait(seconds(10));
    EXPECT_TRUE(text.contains("far.test\ttlsa\tsuccess\tmx.far.test\t1\t\n")) << text;
    EXPECT_TRUE(text.contains("plain.test\tno-policy-found\tstarttls-not-supported\t")) << text;
    EXPECT_TRUE(text.contains("lie.test\ttlsa\tvalidation-failure\tmx.lie.test\t1\t")) << text;
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
    queue::DestinationRules rules_of(const queue::Route& route) const override {
        queue::DestinationRules rules;
        if (route.host == "far.test") rules.helo_name = "out5.sim.test";
        return rules;
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
