// Sessions of each workload against the null server, over the simulated network, which cuts what
// is sent where it likes; and against servers that say no or go away.
#include <gtest/gtest.h>

#include "engine/io.hpp"
#include "engine/scope.hpp"
#include "load/null_server.hpp"
#include "load/worker.hpp"
#include "net/listener.hpp"
#include "sim/machine.hpp"

namespace postern::bench {
namespace {

using engine::Scope;
using engine::Shard;
using engine::task;

struct Played {
    std::string trouble;
    Tally tally;
    Verdict verdict;
    bool ended = false;
};

// Opens the sessions, lets them do what `pace` says, closes them.
task<void> use_worker(Plan* plan, std::uint64_t count, Played* result) {
    {
        Worker worker(*plan, 0);
        result->trouble = co_await worker.open();
        if (result->trouble.empty()) {
            Pace pace;
            pace.start = Shard::current().kernel().now();
            pace.count_max = count;
            result->tally = co_await worker.measure(pace);
        }
        co_await worker.close();
        result->verdict = worker.ledger().judge();
    }
    result->ended = true;
}

task<void> say_no(net::Stream stream) {
    stream.write("554 5.3.2 not today\r\n");
    co_await stream.close(net::deadline_in(seconds(1)));
}

// Serves a greeting, then hangs up after the first command.
task<void> hang_up(net::Stream stream) {
    stream.write("220 hello\r\n");
    auto line = co_await stream.read_line(1000, net::deadline_in(seconds(100)));
    (void)line;
}

class Drivers : public testing::TestWithParam<int> {
 protected:
    Drivers() : world(std::uint64_t(GetParam())), machine(world.add_machine("10.0.0.1", 1)) {
        machine.boot();
        machine.on_stop = [this] { machine.enter(0, [this] { scope.cancel(); }); };
        settings.sizes = *parse_sizes("4k");
        settings.sessions = 3;
    }
    ~Drivers() override {
        machine.kill();
        machine.shut_down();
    }

    void serve(NullProtocol protocol) {
        machine.enter(0, [&] {
            auto port = start_null_server(&scope, protocol, 4000);
            ASSERT_TRUE(port);
            settings.target.port = *port;
        });
    }
    void serve(std::function<task<void>(net::Stream)> how) {
        machine.enter(0, [&] {
            auto fd = Shard::current().kernel().listen("127.0.0.1", 4000);
            ASSERT_TRUE(fd);
            net::ListenerOptions options;
            options.fd = *fd;
            scope.spawn(net::run_listener(options, &scope, {how, how}));
            settings.target.port = 4000;
        });
    }
    Played run(std::uint64_t count) {
        Played result;
        Plan plan(settings, nullptr, "0011223344556677");
        machine.spawn(0, use_worker(&plan, count, &result));
        EXPECT_TRUE(world.run_until([&] { return result.ended; }, world.now() + seconds(10'000)));
        return result;
    }

    Scope scope;
    sim::World world;
    sim::Machine& machine;
    Settings settings;
};

TEST_P(Drivers, MailIsSentInEveryManner) {
    serve(NullProtocol::smtp);
    settings.users.count = 5;
    settings.verifies = true;
    for (const Transfer transfer : {Transfer::data, Transfer::bdat}) {
        for (const Pipelining pipelining : {Pipelining::on, Pipelining::off}) {
            for (const unsigned messages : {0u, 1u, 2u}) {
                settings.transfer = transfer;
                settings.pipelining = pipelining;
                settings.messages_per_session = messages;
                settings.recipients = 1 + messages;
                const Played result = run(10);
                EXPECT_EQ(result.trouble, "");
                EXPECT_EQ(result.tally.operations, 10u);
                EXPECT_EQ(result.tally.failures, 0u);
                EXPECT_EQ(result.tally.all_latencies().count(), 10u);
                // The null server keeps nothing, and that is what the ledger sees.
                EXPECT_EQ(result.verdict.lost, 10u * settings.recipients);
            }
        }
    }
}

TEST_P(Drivers, Imap) {
    serve(NullProtocol::imap);
    settings.workload = Workload::imap;
    for (const char* profile : {"noop", "body", "bodies", "session", "store", "search", "page"}) {
        settings.profile = profile;
        const Played result = run(6);
        EXPECT_EQ(result.tally.operations, 6u) << profile;
        EXPECT_EQ(result.tally.failures, 0u) << profile;
    }
}

TEST_P(Drivers, Pop3) {
    serve(NullProtocol::pop3);
    settings.workload = Workload::pop3;
    settings.profile = "drain";
    const Played drained = run(2);
    EXPECT_EQ(drained.tally.operations, 2u);
    EXPECT_EQ(drained.tally.items, 200u);
    settings.pipelining = Pipelining::off;
    settings.after = AfterRetrieval::remove;
    EXPECT_EQ(run(2).tally.items, 200u);
    settings.profile = "check";
    EXPECT_EQ(run(2).tally.failures, 0u);
}

// Both parts on one server, which speaks SMTP alone: their operations are told apart by kind.
TEST_P(Drivers, AMixDoesEachPartByItsWeight) {
    serve(NullProtocol::smtp);
    settings.workload = Workload::mixed;
    settings.sessions = 8;
    settings.users.count = 5;
    const std::uint16_t port = settings.target.port;
    settings.parts = {{Workload::smtp, "", port, TlsMode::none, 3},
                      {Workload::smtp, "", port, TlsMode::none, 1}};
    const Played result = run(40);
    EXPECT_EQ(result.trouble, "");
    EXPECT_EQ(result.tally.operations, 40u);
    EXPECT_EQ(result.tally.failures, 0u);
    ASSERT_EQ(result.tally.latencies.size(), 2u);
    EXPECT_EQ(result.tally.latencies[0]->count(), 30u);
    EXPECT_EQ(result.tally.latencies[1]->count(), 10u);
    EXPECT_EQ(kinds_of(settings), (std::vector<std::string>{"smtp message", "smtp message"}));
}

TEST_P(Drivers, AServerThatSaysNoIsQuoted) {
    serve(say_no);
    EXPECT_EQ(run(10).trouble, "greeting: 554 5.3.2 not today");
    settings.messages_per_session = 1;  // opened with the first operation only
    const Played result = run(1000);
    EXPECT_EQ(result.tally.operations, 0u);
    EXPECT_EQ(result.tally.failures, 3u * failures_in_a_row_max);
    ASSERT_EQ(result.tally.troubles.size(), 1u);
    EXPECT_EQ(result.tally.troubles.begin()->first, "greeting: 554 5.3.2 not today");
}

TEST_P(Drivers, AServerThatHangsUpIsAFailure) {
    serve(hang_up);
    settings.messages_per_session = 1;
    const Played result = run(1000);
    EXPECT_EQ(result.tally.operations, 0u);
    EXPECT_EQ(result.tally.failures, 3u * failures_in_a_row_max);
    settings.messages_per_session = 0;
    EXPECT_NE(run(10).trouble, "");
}

INSTANTIATE_TEST_SUITE_P(Seeds, Drivers, testing::Range(1, 6));

}  // namespace
}  // namespace postern::bench
