// Worlds whose domains say something about TLS: signed zones with TLSA records, MTA-STS policies
// that are fetched without a web server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bed.hpp"
#include "tls/certificate.hpp"
#include "tls/chain.hpp"
#include "tls/crypto.hpp"

namespace postern::smtp::client {

inline tls::Certificate own_certificate(const std::string& name) {
    const WallTime then{1'600'000'000LL * 1'000'000'000};
    return tls::make_self_signed({name}, then, 7300).value();
}

inline std::shared_ptr<const tls::ServerContext> serving(const tls::Certificate& certificate) {
    tls::ServerOptions options;
    options.certificates = {certificate};
    return tls::ServerContext::make(std::move(options)).value();
}

inline Script with_tls(const Script& after) {
    return greeting({"PIPELINING", "STARTTLS"}) + Script{"C: STARTTLS", "S: 220 go",
                                                         "T:",          "C: EHLO gw.sim.test",
                                                         "S: 250-mx",   "S: 250 PIPELINING"} +
           after;
}

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

}  // namespace postern::smtp::client
