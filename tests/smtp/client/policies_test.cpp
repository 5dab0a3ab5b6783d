// What domains say about TLS on the way to them: DANE (RFC 7672), MTA-STS (RFC 8461), REQUIRETLS
// (RFC 8689), and what is counted for their reports (RFC 8460).
// Long for a reason: one small world serves every case of the two of them.
#include <gtest/gtest.h>

#include <tuple>

#include "policy_beds.hpp"
#include "tls/certificate_check.hpp"
#include "tls/fixtures.hpp"

namespace postern::smtp::client {
namespace {

using engine::task;
using queue::DestinationVerdict;
using queue::Outcome;

const std::vector<std::string> no_complaints;
const std::vector<std::string> to_bob = {"bob@far.test"};

// ---- DANE ---------------------------------------------------------------------------------------

TEST(ClientPolicies, DaneDoesNotFit) {
    DaneBed bed;
    bed.promise(std::string(32, 'x'));
    bed.server->expect_connection(greeting({"STARTTLS"}) +
                                  Script{"C: STARTTLS", "S: 220 go", "T:"});
    const auto report = bed.attempt("far.test", to_bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.7.5");
    EXPECT_EQ(bed.server->connections, 1u) << "never in the clear";
}

TEST(ClientPolicies, DaneFits) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
}

TEST(ClientPolicies, DaneByPublicKey) {
    DaneBed bed;
    const std::string key = tls::public_key_info(bed.certificate.der).value();
    bed.promise(crypto::digest(crypto::Hash::sha256, key), 3, 1);
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
}

TEST(ClientPolicies, DaneWithoutStarttls) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.server->expect_connection(greeting() + leaving);
    const auto report = bed.attempt("far.test", to_bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.7.5");
}

// RFC 7672 §2.2: unusable records still mean TLS.
TEST(ClientPolicies, DaneWithUnusableRecords) {
    DaneBed bed;
    bed.promise(bed.digest(), 1);
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
    DaneBed other;
    other.promise(other.digest(), 1);
    other.server->expect_connection(greeting() + leaving);
    EXPECT_EQ(other.attempt("far.test", to_bob).recipients[0].status, "4.7.5");
}

TEST(ClientPolicies, DaneWhenTheRecordsCannotBeHad) {
    for (dns::Outcome outcome :
         {dns::Outcome::bogus, dns::Outcome::failed, dns::Outcome::timed_out}) {
        DaneBed bed;
        bed.resolver.fail("_25._tcp.mx.far.test", dns::Type::tlsa, outcome);
        const auto report = bed.attempt("far.test", to_bob);
        EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
        EXPECT_EQ(bed.server->connections, 0u);
    }
}

// RFC 7672 §2.2.2
TEST(ClientPolicies, FixedHostsHaveDaneToo) {
    const queue::Route route{queue::RouteKind::host, "mx.far.test", 25};
    DaneBed bed;
    bed.promise(bed.digest());
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt(route, to_bob).recipients[0].outcome, Outcome::delivered);
    DaneBed other;
    other.promise(std::string(32, 'x'));
    other.server->expect_connection(greeting({"STARTTLS"}) +
                                    Script{"C: STARTTLS", "S: 220 go", "T:"});
    EXPECT_EQ(other.attempt(route, to_bob).recipients[0].status, "4.7.5");
    EXPECT_EQ(other.server->connections, 1u) << "never in the clear";
}

TEST(ClientPolicies, InsecureZonesHaveNoDane) {
    Bed bed;
    bed.use_tls = true;
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    bed.resolver.add_tlsa("_25._tcp.mx.far.test", {3, 0, 1, std::string(32, 'x')});
    server.expect_connection(greeting() + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.resolver.asked["_25._tcp.mx.far.test"], 0u);
}

// RFC 8689: a verified session to a server that knows it too.
TEST(ClientPolicies, RequireTls) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.envelope.requires_tls = true;
    bed.server->expect_connection(
        greeting({"STARTTLS"}) +
        Script{"C: STARTTLS", "S: 220 go", "T:", "C: EHLO gw.sim.test", "S: 250-mx",
               "S: 250-PIPELINING", "S: 250 REQUIRETLS", "C: MAIL FROM:<alice@sim.test> REQUIRETLS",
               "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK", "S: 354 go", "D:", "S: 250 OK"} +
        leaving);
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), no_complaints);
}

// RFC 8689 §4.2.1: the next host, until none is left.
TEST(ClientPolicies, RequireTlsAsksEveryHost) {
    DaneBed bed;
    bed.promise(bed.digest());
    bed.envelope.requires_tls = true;
    ScriptedServer& second = bed.add_server("far.test", "mx2.far.test", "10.0.0.3", 20);
    bed.server->expect_connection(with_tls(leaving));
    second.expect_connection(greeting({"REQUIRETLS"}) + leaving);
    const auto report = bed.attempt("far.test", to_bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.7.30") << "what the first one lacked";
    EXPECT_EQ(report.destination, DestinationVerdict::reachable);
    EXPECT_EQ(second.connections, 1u);
    EXPECT_EQ(bed.complaints(), no_complaints);
}

// RFC 8689 §4.2.2, §3: what the recipient's domain wants does not count.
TEST(ClientPolicies, TlsRequiredNoPassesOverPolicies) {
    DaneBed bed;
    bed.promise(std::string(32, 'x'));
    bed.envelope.tls_is_optional = true;
    bed.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), no_complaints) << "and the session is not kept for others";
    bed.envelope.tls_is_optional = false;
    bed.server->expect_connection(greeting({"STARTTLS"}) +
                                  Script{"C: STARTTLS", "S: 220 go", "T:"});
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::deferred);
}

// ---- what the administrator wants ---------------------------------------------------------------

class StrictRouter final : public queue::Router {
 public:
    explicit StrictRouter(queue::TlsRule tls) : tls_(tls) {}
    queue::Route route_of(std::string_view, std::string_view) const override { return {}; }
    queue::DestinationRules rules_of(const queue::Route&) const override { return {0, 0, tls_}; }

 private:
    queue::TlsRule tls_;
};

// RFC 7672 §6: no TLSA records, no delivery; not to a host whose records are of no use either.
TEST(ClientPolicies, ADestinationMayNeedDane) {
    for (const bool has_records : {false, true}) {
        DaneBed bed;
        if (has_records) bed.promise(bed.digest(), 1);
        bed.settings.router = std::make_shared<StrictRouter>(queue::TlsRule::dane);
        const auto report = bed.attempt("far.test", to_bob);
        EXPECT_EQ(report.recipients[0].status, "4.7.5");
        EXPECT_EQ(bed.server->connections, 0u);
    }
    DaneBed good;
    good.promise(good.digest());
    good.settings.router = std::make_shared<StrictRouter>(queue::TlsRule::dane);
    good.server->expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(good.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
}

TEST(ClientPolicies, ADestinationMayNeedTls) {
    for (const auto rule : {queue::TlsRule::encrypt, queue::TlsRule::verify}) {
        Bed bed;
        bed.use_tls = true;
        bed.settings.router = std::make_shared<StrictRouter>(rule);
        ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
        server.expect_connection(greeting() + leaving);
        EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::deferred);
        EXPECT_EQ(server.connections, 1u);
    }
    Bed bed;
    bed.use_tls = true;
    bed.settings.router = std::make_shared<StrictRouter>(queue::TlsRule::encrypt);
    ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
    server.tls = serving(own_certificate("somebody.else.test"));
    server.expect_connection(with_tls(taking() + leaving));
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
}

TEST(ClientPolicies, ADestinationMayGoWithoutTls) {
    DaneBed bed;
    bed.promise(std::string(32, 'x'));
    bed.settings.router = std::make_shared<StrictRouter>(queue::TlsRule::never);
    bed.server->expect_connection(greeting({"PIPELINING", "STARTTLS"}) + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
}

// ---- DANE and aliases ---------------------------------------------------------------------------

// far.test's exchanger is an alias that leads to a host of another zone.
struct AliasBed : Bed {
    AliasBed(dns::Trust alias, dns::Trust end)
        : certificate(
              tls::load_certificate(tls::fixtures::rsa_chain_pem, tls::fixtures::rsa_key_pem)
                  .value()) {
        use_tls = true;
        trust = end;
        server = &add_server("", "mx.example.test", "10.0.0.2");
        server->tls = serving(certificate);
        resolver.add_mx("far.test", 10, "mx.far.test", dns::Trust::secure);
        resolver.add_alias("mx.far.test", "mx.example.test", alias);
        if (alias == dns::Trust::secure) resolver.trust_name("mx.far.test", alias);
    }
    void promise(const std::string& base, const std::string& certificate_bytes,
                 dns::Trust of = dns::Trust::secure) {
        resolver.add_tlsa("_25._tcp." + base, {3, 0, 0, certificate_bytes}, of);
    }
    void refuses() {
        server->expect_connection(greeting({"STARTTLS"}) +
                                  Script{"C: STARTTLS", "S: 220 go", "T:"});
        EXPECT_EQ(attempt("far.test", to_bob).recipients[0].status, "4.7.5");
        EXPECT_EQ(server->connections, 1u) << "never in the clear";
    }
    void takes() {
        server->expect_connection(with_tls(taking() + leaving));
        EXPECT_EQ(attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
        EXPECT_EQ(complaints(), no_complaints);
    }
    tls::Certificate certificate;
    ScriptedServer* server;
};

// RFC 7672 §2.2.2 (secure CNAME): the end of the alias is asked about, and decides.
TEST(ClientPolicies, DaneAtTheEndOfAnAlias) {
    AliasBed wrong(dns::Trust::secure, dns::Trust::secure);
    wrong.promise("mx.example.test", "wrong");
    wrong.promise("mx.far.test", wrong.certificate.der);
    wrong.refuses();
    AliasBed right(dns::Trust::secure, dns::Trust::secure);
    right.promise("mx.example.test", right.certificate.der);
    right.takes();
    EXPECT_EQ(right.resolver.asked["_25._tcp.mx.far.test"], 0u);
}

// RFC 7672 §2.2.3: no secure records there, so the alias itself; insecure ones do not count.
TEST(ClientPolicies, DaneAtTheAliasItself) {
    AliasBed nothing_there(dns::Trust::secure, dns::Trust::secure);
    nothing_there.promise("mx.far.test", "wrong");
    nothing_there.refuses();
    AliasBed insecure_there(dns::Trust::secure, dns::Trust::secure);
    insecure_there.promise("mx.example.test", insecure_there.certificate.der, dns::Trust::insecure);
    insecure_there.promise("mx.far.test", "wrong");
    insecure_there.refuses();
}

// RFC 7672 §2.2.2 (insecure CNAME): a signed alias into a zone that is not signed.
TEST(ClientPolicies, DaneOfASignedAliasIntoAZoneThatIsNot) {
    AliasBed wrong(dns::Trust::secure, dns::Trust::insecure);
    wrong.promise("mx.far.test", "wrong");
    wrong.promise("mx.example.test", wrong.certificate.der);
    wrong.refuses();
    EXPECT_EQ(wrong.resolver.asked["_25._tcp.mx.example.test"], 0u);
    AliasBed right(dns::Trust::secure, dns::Trust::insecure);
    right.promise("mx.far.test", right.certificate.der);
    right.takes();
    AliasBed unsigned_alias(dns::Trust::insecure, dns::Trust::insecure);
    unsigned_alias.promise("mx.far.test", "wrong");
    unsigned_alias.takes();
    EXPECT_EQ(unsigned_alias.resolver.asked["_25._tcp.mx.far.test"], 0u);
}

TEST(ClientPolicies, DaneWhenTheAliasCannotBeLookedUp) {
    for (const auto outcome : {dns::Outcome::bogus, dns::Outcome::failed}) {
        AliasBed bed(dns::Trust::secure, dns::Trust::insecure);
        bed.resolver.fail("mx.far.test", dns::Type::cname, outcome);
        EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].status, "4.7.5");
        EXPECT_EQ(bed.server->connections, 0u);
    }
}

// RFC 7672 §3.2.2: with a trust anchor the names are the base, the domain and where it leads; not
// the exchanger's alias.
TEST(ClientPolicies, NamesWithATrustAnchor) {
    const std::string anchor = tls::certificates_of(tls::fixtures::authority_pem).value().front();
    const struct {
        std::string base;  // of the records
        std::string domain;
        bool fits;
    } cases[] = {{"mx.example.test", "far.test", true},
                 {"mx.far.test", "far.test", false},
                 {"mx.far.test", "a.wild.example.test", true}};
    for (const auto& each : cases) {
        AliasBed bed(dns::Trust::secure, dns::Trust::secure);
        const std::string chain =
            std::string(tls::fixtures::rsa_chain_pem) + tls::fixtures::authority_pem;
        bed.server->tls = serving(tls::load_certificate(chain, tls::fixtures::rsa_key_pem).value());
        bed.resolver.add_mx(each.domain, 10, "mx.far.test", dns::Trust::secure);
        bed.resolver.add_tlsa("_25._tcp." + each.base, {2, 0, 0, anchor});
        bed.server->expect_connection(with_tls(taking() + leaving));
        const auto report = bed.attempt(each.domain, to_bob);
        EXPECT_EQ(report.recipients[0].outcome, each.fits ? Outcome::delivered : Outcome::deferred)
            << each.base << ' ' << each.domain << ' ' << report.recipients[0].explanation;
    }
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

TEST(ClientPolicies, StsPassesOverHostsThatAreNotNamed) {
    StsBed bed("other.far.test");
    const auto report = bed.attempt("far.test", to_bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.7.5");
    EXPECT_EQ(bed.server->connections, 0u);
}

TEST(ClientPolicies, StsWantsACertificateThatVerifies) {
    StsBed bed("*.far.test");
    bed.server->expect_connection(greeting({"STARTTLS"}) +
                                  Script{"C: STARTTLS", "S: 220 go", "X:"});
    const auto report = bed.attempt("far.test", to_bob);
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(bed.server->connections, 1u) << "never in the clear";
}

// RFC 8461 §5: mode testing holds nothing up; what would have failed is counted.
TEST(ClientPolicies, StsInTestingIsCounted) {
    for (const char* exchanger : {"mx.far.test", "other.far.test"}) {
        StsBed bed(exchanger);
        auto& policy = bed.policies.text;
        policy.replace(policy.find("enforce"), 7, "testing");
        bed.settings.tls_report_directory = "/tls-reports";
        bed.server->expect_connection(with_tls(taking() + leaving));
        EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
        bed.finish();
        std::string text;
        bed.machine.spawn(0, read_reports(&text));
        bed.wait(seconds(10));
        EXPECT_TRUE(text.contains("far.test\tsts\tvalidation-failure\tmx.far.test\t1\tthe "))
            << text;
    }
}

TEST(ClientPolicies, StsIsKeptAndFetchedAnewWithANewId) {
    StsBed bed("other.far.test");
    for (int i = 0; i < 3; ++i) bed.attempt("far.test", to_bob);
    EXPECT_EQ(bed.policies.fetches, 1u);
    bed.finish();  // what is in memory is gone, what is on disk is not
    bed.resolver.forget("_mta-sts.far.test", dns::Type::txt);
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].status, "4.7.5");
    EXPECT_EQ(bed.policies.fetches, 1u);
    bed.resolver.add_txt("_mta-sts.far.test", "v=STSv1; id=2;");
    bed.attempt("far.test", to_bob);
    EXPECT_EQ(bed.policies.fetches, 2u);
}

task<void> ask_policy(StsCache* cache, unsigned* answers) {
    auto policy = co_await cache->policy_of("far.test", net::deadline_in(seconds(60)));
    *answers += policy ? 1 : 0;
}

TEST(ClientPolicies, StsIsFetchedOnceForMany) {
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

TEST(ClientPolicies, StsThatCannotBeFetchedIsNone) {
    StsBed bed("other.far.test");
    bed.policies.text.clear();
    bed.server->expect_connection(greeting() + taking() + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.policies.fetches, 1u);
}

// RFC 8461 §3.3: a policy is fetched anew once a day without mail, for as long as it is used.
TEST(ClientPolicies, StsIsFetchedAnewOnceADay) {
    StsBed short_lived("other.far.test");  // for a day
    short_lived.attempt("far.test", to_bob);
    short_lived.wait(minutes(15 * 60));
    EXPECT_EQ(short_lived.policies.fetches, 2u);
    StsBed bed("other.far.test");
    bed.policies.text.replace(bed.policies.text.find("86400"), 5, "604800");
    bed.attempt("far.test", to_bob);
    EXPECT_EQ(bed.policies.fetches, 1u);
    bed.wait(minutes(23 * 60));
    EXPECT_EQ(bed.policies.fetches, 1u);
    bed.wait(minutes(3 * 60));
    EXPECT_EQ(bed.policies.fetches, 2u);
    bed.wait(minutes(60 * 24 * 60));
    EXPECT_GE(bed.policies.fetches, 28u);
    EXPECT_LE(bed.policies.fetches, 31u) << "nobody writes there any more";
    const unsigned before = bed.policies.fetches;
    bed.attempt("far.test", to_bob);
    EXPECT_EQ(bed.policies.fetches, before + 1) << "it has expired";
}

// RFC 8461 §5.1, §10.2: who keeps us from fetching it does not change it before it expires.
TEST(ClientPolicies, StsThatCannotBeFetchedAnewHoldsUntilItExpires) {
    StsBed bed("other.far.test");
    auto& policy = bed.policies.text;
    policy.replace(policy.find("86400"), 5, "864000");
    bed.settings.tls_report_directory = "/tls-reports";
    bed.attempt("far.test", to_bob);
    policy.clear();
    bed.resolver.forget("_mta-sts.far.test", dns::Type::txt);
    bed.wait(minutes(5 * 24 * 60));
    EXPECT_GT(bed.policies.fetches, 20u) << "tried every hour";
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].status, "4.7.5");
    EXPECT_EQ(bed.server->connections, 0u);
    bed.wait(minutes(6 * 24 * 60));
    bed.server->expect_connection(greeting() + taking() + leaving);
    EXPECT_EQ(bed.attempt("far.test", to_bob).recipients[0].outcome, Outcome::delivered);
    bed.finish();
    std::string text;
    bed.machine.spawn(0, read_reports(&text));
    bed.wait(seconds(10));
    EXPECT_TRUE(text.contains("far.test\tsts\tsts-policy-fetch-error\tmta-sts.far.test")) << text;
}

// RFC 8461 §3.4: the name of a smarthost is the domain whose policy counts.
TEST(ClientPolicies, StsOfASmarthost) {
    const queue::Route route{queue::RouteKind::host, "far.test", 25};
    for (const char* exchanger : {"far.test", "other.far.test"}) {
        StsBed bed(exchanger);
        bed.resolver.add_a("far.test", "10.0.0.2");
        bed.server->expect_connection(greeting({"STARTTLS"}) +
                                      Script{"C: STARTTLS", "S: 220 go", "T:"});
        EXPECT_EQ(bed.attempt(route, to_bob).recipients[0].status, "4.7.5") << exchanger;
        EXPECT_EQ(bed.server->connections, exchanger == std::string("far.test") ? 1u : 0u);
        EXPECT_EQ(bed.policies.fetches, 1u);
    }
    StsBed decided("other.far.test");
    decided.resolver.add_a("far.test", "10.0.0.2");
    decided.settings.relays.push_back({"far.test", 25, TlsLevel::off, TlsStart::starttls, {}});
    decided.server->expect_connection(greeting() + taking() + leaving);
    EXPECT_EQ(decided.attempt(route, to_bob).recipients[0].outcome, Outcome::delivered)
        << "the administrator has decided otherwise";
    EXPECT_EQ(decided.policies.fetches, 0u);
}

// RFC 8461 §3.4
TEST(ClientPolicies, StsOfTheDomainAboveIsNotAsked) {
    StsBed bed("other.far.test");
    ScriptedServer& below = bed.add_server("sub.far.test", "mx.sub.far.test", "10.0.0.3");
    below.expect_connection(greeting() + taking("bob@sub.far.test") + leaving);
    EXPECT_EQ(bed.attempt("sub.far.test", {"bob@sub.far.test"}).recipients[0].outcome,
              Outcome::delivered);
    EXPECT_EQ(bed.resolver.asked["_mta-sts.far.test"], 0u);
}

// ---- TLSRPT -------------------------------------------------------------------------------------

TEST(ClientPolicies, WhatBecameOfTlsIsCounted) {
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
    bed.attempt("far.test", to_bob);
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

}  // namespace
}  // namespace postern::smtp::client
