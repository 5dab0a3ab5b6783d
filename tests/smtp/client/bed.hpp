// A gateway's transport in a simulated world, servers around it, a resolver that knows them: what
// the tests of the client share.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dns/static_resolver.hpp"
#include "scripted_server.hpp"
#include "sim/machine.hpp"
#include "sim/world.hpp"
#include "smtp/client/transport.hpp"

namespace postern::smtp::client {

inline const std::string simple_message = "Subject: hello\r\n\r\nOne line.\r\n";

class Bed {
 public:
    explicit Bed(std::uint64_t seed = 1)
        : world(seed), machine(world.add_machine("10.0.0.1", 1)), tls("") {
        machine.boot();
        settings.host_name = "gw.sim.test";
        settings.policy_directory = "/sts";
        envelope.id = "id";
        envelope.sender = "alice@sim.test";
        put_message(simple_message);
    }
    ~Bed() {
        finish();
        servers_.clear();
        machine.kill();
    }

    // A server at an address, and the MX records that lead to it.
    ScriptedServer& add_server(const std::string& domain, const std::string& host,
                               const std::string& address, unsigned preference = 10,
                               std::uint16_t port = 25) {
        if (!domain.empty()) resolver.add_mx(domain, preference, host, trust);
        resolver.add_a(host, address, trust);
        servers_.push_back(std::make_unique<ScriptedServer>(world, address, port));
        return *servers_.back();
    }

    void put_message(const std::string& bytes) {
        message_ = bytes;
        envelope.facts.size_bytes = bytes.size();
        run(write_message(this));
    }

    // One attempt for the recipients of the envelope, which are those named if any are.
    queue::AttemptReport attempt(const std::string& domain,
                                 const std::vector<std::string>& recipients = {}) {
        queue::Route route;
        route.host = domain;
        return attempt(route, recipients);
    }
    queue::AttemptReport attempt(queue::Route route,
                                 const std::vector<std::string>& recipients = {}) {
        if (!recipients.empty()) envelope.recipients.clear();
        for (const std::string& address : recipients) {
            envelope.recipients.emplace_back();
            envelope.recipients.back().address = address;
        }
        queue::AttemptReport report;
        run(attempt_until_the_end(this, std::move(route), &report));
        return report;
    }
    // Lets idle connections go.
    void finish() {
        if (transport == nullptr) return;
        run(close(this));
        machine.enter(0, [this] { transport.reset(); });
    }
    void wait(Duration duration) { world.run_for(duration); }
    void run(engine::task<void> work) {
        bool ended = false;
        machine.spawn(0, note_end(std::move(work), &ended));
        EXPECT_TRUE(world.run_until([&] { return ended; }, world.now() + minutes(600)));
    }

    std::vector<std::string> complaints() {
        finish();
        world.run_for(minutes(1));
        std::vector<std::string> all;
        for (const auto& server : servers_) {
            for (const std::string& complaint : server->complaints) all.push_back(complaint);
        }
        return all;
    }

    Transport& the_transport() {
        if (transport == nullptr) {
            services.resolver = &resolver;
            services.tls = use_tls ? &tls : nullptr;
            transport = std::make_unique<Transport>(settings, services);
        }
        return *transport;
    }

    sim::World world;
    sim::Machine& machine;
    dns::StaticResolver resolver;
    dns::Trust trust = dns::Trust::insecure;  // of what add_server adds
    TlsClients tls;
    bool use_tls = false;
    Settings settings;
    Services services;
    queue::Envelope envelope;
    std::optional<Duration> ends_after;  // attempts are asked to end after this
    std::unique_ptr<Transport> transport;

 private:
    static engine::task<void> note_end(engine::task<void> work, bool* ended) {
        co_await std::move(work);
        *ended = true;
    }
    static engine::task<void> write_message(Bed* bed) {
        auto written = co_await engine::replace_file("/message", bed->message_);
        EXPECT_TRUE(written);
    }
    static engine::task<void> attempt_once(Bed* bed, queue::Route route,
                                           queue::AttemptReport* report) {
        queue::AttemptRequest request;
        request.entry_id = "entry";
        request.route = std::move(route);
        request.envelope = &bed->envelope;
        for (std::uint32_t i = 0; i < bed->envelope.recipients.size(); ++i) {
            request.recipients.push_back(i);
        }
        request.message_path = "/message";
        *report = co_await bed->the_transport().attempt(std::move(request));
    }
    static engine::task<void> attempt_until_the_end(Bed* bed, queue::Route route,
                                                    queue::AttemptReport* report) {
        engine::Scope scope;
        scope.spawn(attempt_once(bed, std::move(route), report));
        if (bed->ends_after) {
            const MonotonicTime end = bed->world.now() + *bed->ends_after;
            co_await engine::sleep_until(end);
            scope.drain();
        }
        co_await scope.join();
    }
    static engine::task<void> close(Bed* bed) {
        if (bed->transport != nullptr) co_await bed->transport->close();
    }

    std::string message_;
    std::vector<std::unique_ptr<ScriptedServer>> servers_;
};

// Scripts in common.
inline Script greeting(const std::vector<std::string>& extensions = {"PIPELINING"}) {
    Script script = {"S: 220 mx ESMTP", "C: EHLO gw.sim.test"};
    if (extensions.empty()) {
        script.push_back("S: 250 mx");
        return script;
    }
    script.push_back("S: 250-mx");
    for (std::size_t i = 0; i < extensions.size(); ++i) {
        script.push_back((i + 1 < extensions.size() ? "S: 250-" : "S: 250 ") + extensions[i]);
    }
    return script;
}
inline Script operator+(Script first, const Script& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}
inline Script taking(const std::string& recipient = "bob@far.test") {
    return {"C~ MAIL FROM:<alice@sim.test>",
            "C~ RCPT TO:<" + recipient + ">",
            "C: DATA",
            "S: 250 2.1.0 OK",
            "S: 250 2.1.5 OK",
            "S: 354 Go",
            "D:",
            "S: 250 2.0.0 Queued as 1"};
}
inline const Script leaving = {"C: QUIT", "S: 221 Bye"};

}  // namespace postern::smtp::client
