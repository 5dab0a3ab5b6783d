// Connections keep the order and the bytes whatever the delays; ends, resets, full windows and
// partitions look as they do on a real network. An echo server on raw operations is the peer.
#include "sim/network.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "engine/event.hpp"
#include "engine/io.hpp"
#include "sim/client.hpp"
#include "sim/machine.hpp"

namespace postern::sim {
namespace {

using engine::Event;
using engine::OpCode;
using engine::Operation;
using engine::Shard;
using engine::Submit;
using engine::task;
using engine::try_;

struct EchoServer {
    std::vector<ErrorCode> ends;
    std::size_t echoed = 0;
    unsigned accepted = 0;
    bool reads = true;
    std::vector<Client> ignored;
    std::int32_t listen_end = 1;
};

task<Result<void>> echo_until_the_end(Client* client, EchoServer* server) {
    for (;;) {
        std::string bytes = co_await try_(client->read_some(never));
        std::size_t length = bytes.size();
        co_await try_(client->send(std::move(bytes), never));
        server->echoed += length;
    }
}

task<void> echo(int fd, EchoServer* server) {
    Client client = Client::adopt(fd);
    auto end = co_await echo_until_the_end(&client, server);
    server->ends.push_back(end.error().code);
}

struct Acceptor : Operation {
    Acceptor(EchoServer* s, std::uint16_t port) : server(s) {
        code = OpCode::accept;
        fd = Shard::current().kernel().listen("0.0.0.0", port).value();
        on_complete = [](Operation& operation) { static_cast<Acceptor&>(operation).one(); };
        Shard::current().kernel().submit(*this);
    }
    void one() {
        if (result >= 0) {
            ++server->accepted;
            if (server->reads) {
                Shard::current().root().spawn(echo(result, server));
            } else {
                server->ignored.push_back(Client::adopt(result));
            }
        } else {
            server->listen_end = result;
        }
    }
    EchoServer* server;
};

struct NetworkFixture {
    explicit NetworkFixture(std::uint64_t seed, Plan plan = {}) : world(seed, plan) {
        machine = &world.add_machine("10.0.0.1", 1);
        clients = &world.add_machine("10.0.0.9", 1);
        start();
    }
    void start() {
        machine->boot();
        if (!clients->is_running()) clients->boot();
        machine->enter(0, [&] { acceptor = std::make_unique<Acceptor>(&server, 25); });
    }
    ~NetworkFixture() {
        if (machine->is_running()) machine->kill();
    }
    template <class F>
    void run(F script) {  // a coroutine function of (World*, bool*)
        bool done = false;
        clients->spawn(0, script(&world, &done));
        ASSERT_TRUE(world.run_until([&] { return done; }, world.now() + seconds(1000)));
    }
    World world;
    Machine* machine;
    Machine* clients;
    EchoServer server;
    std::unique_ptr<Acceptor> acceptor;
};

task<Result<void>> exchange(World* world, std::size_t length) {
    MonotonicTime deadline = world->now() + seconds(600);
    Client client = co_await try_(connect("10.0.0.1", 25, deadline));
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i) bytes += char('a' + world->random().below(26));
    bytes += "\r\n";
    client.start_reading();
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t count = world->random().between(1, bytes.size() - at);
        co_await try_(client.send(bytes.substr(at, count), deadline));
        at += count;
    }
    std::string line = co_await try_(client.read_line(deadline));
    EXPECT_TRUE(line + "\r\n" == bytes);
    co_return {};
}

task<void> exchange_well(World* world, bool* done) {
    auto result = co_await exchange(world, world->random().below(300'000));
    EXPECT_TRUE(result.has_value()) << result.error().what;
    *done = true;
}

TEST(Network, BringsBytesInOrder) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        Plan plan;
        plan.receive_buffers = 2;
        plan.faults.multishot_ends = 0.1;
        NetworkFixture f(seed, plan);
        f.run(exchange_well);
        ASSERT_TRUE(f.world.run_until([&] { return f.server.ends.size() == 1; },
                                      f.world.now() + seconds(10)));
        EXPECT_EQ(f.server.ends[0], ErrorCode::closed);
        EXPECT_EQ(f.machine->kernel(0).free_buffers(), 2u);
        EXPECT_EQ(f.world.bad_descriptors, 0u);
    }
}

task<void> knock_wrong(World* world, bool* done) {
    auto refused = co_await connect("10.0.0.1", 26, world->now() + seconds(100));
    EXPECT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().system_errno, ECONNREFUSED);
    MonotonicTime start = world->now();
    auto silent = co_await connect("10.9.9.9", 25, never);
    EXPECT_EQ(silent.error().code, ErrorCode::timed_out);
    EXPECT_GT(world->now(), start + seconds(30));
    auto impatient = co_await connect("10.9.9.9", 25, world->now() + seconds(1));
    EXPECT_EQ(impatient.error().code, ErrorCode::timed_out);
    *done = true;
}

TEST(Network, ConnectFailsAsItShould) {
    NetworkFixture f(1);
    f.run(knock_wrong);
}

task<void> rude(World* world, bool* done) {
    auto client = co_await connect("10.0.0.1", 25, never);
    co_await client->send("x", never);
    co_await engine::sleep_until(world->now() + seconds(2));
    client->reset();
    *done = true;
}

TEST(Network, ResetReachesThePeer) {
    NetworkFixture f(5);
    f.run(rude);
    ASSERT_TRUE(
        f.world.run_until([&] { return !f.server.ends.empty(); }, f.world.now() + seconds(10)));
    EXPECT_EQ(f.server.ends[0], ErrorCode::reset);
}

task<void> flood(World* world, bool* done) {
    auto client = co_await connect("10.0.0.1", 25, never);
    std::string megabyte(1 << 20, 'x');
    auto sent = co_await client->send(megabyte, world->now() + seconds(30));
    EXPECT_FALSE(sent.has_value());
    *done = true;
}

TEST(Network, WindowOfAPeerThatNeverReadsFills) {
    NetworkFixture f(6);
    f.server.reads = false;
    MonotonicTime start = f.world.now();
    f.run(flood);
    EXPECT_GE(f.world.now(), start + seconds(29));
    f.machine->enter(0, [&] { f.server.ignored.clear(); });
}

TEST(Network, RandomResetsEndConnectionsCleanly) {
    unsigned failed = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Plan plan;
        plan.faults.reset = 0.1;
        NetworkFixture f(seed, plan);
        f.run([](World* world, bool* done) -> task<void> {
            auto result = co_await exchange(world, 100'000);
            *done = true;
            if (!result) world->bad_descriptors += 1000;  // counted below
        });
        failed += f.world.bad_descriptors >= 1000;
        ASSERT_TRUE(f.world.run_until([&] { return f.server.ends.size() == f.server.accepted; },
                                      f.world.now() + seconds(1000)));
    }
    EXPECT_GT(failed, 5u);
    EXPECT_LT(failed, 40u);
}

TEST(Network, PartitionHoldsAndHealLetsThrough) {
    NetworkFixture f(7);
    bool done = false;
    f.clients->spawn(0, exchange_well(&f.world, &done));
    ASSERT_TRUE(f.world.run_until([&] { return f.server.accepted == 1; }, never));
    f.world.network().partition(*f.machine, *f.clients);
    f.world.run_for(seconds(100));
    EXPECT_FALSE(done);
    f.world.network().heal();
    EXPECT_TRUE(f.world.run_until([&] { return done; }, f.world.now() + seconds(100)));
}

task<void> outlive(World* world, bool* done) {
    auto client = co_await connect("10.0.0.1", 25, never);
    EXPECT_TRUE(co_await client->send("x\r\n", never));
    EXPECT_TRUE(co_await client->read_line(never));
    // The power goes here, and nobody says so; a deadline notices.
    auto line = co_await client->read_line(world->now() + seconds(20));
    EXPECT_EQ(line.error().code, ErrorCode::timed_out);
    // The machine is back and does not know the connection.
    co_await client->send("y\r\n", never);
    line = co_await client->read_line(world->now() + seconds(20));
    EXPECT_EQ(line.error().code, ErrorCode::reset);
    *done = true;
}

TEST(Network, PowerCutLeavesHalfOpenPeers) {
    NetworkFixture f(8);
    bool done = false;
    f.clients->spawn(0, outlive(&f.world, &done));
    ASSERT_TRUE(f.world.run_until([&] { return f.server.echoed == 3; }, never));
    f.world.run_for(seconds(5));
    f.machine->power_cut();
    f.world.run_for(seconds(1));
    f.start();
    EXPECT_TRUE(f.world.run_until([&] { return done; }, f.world.now() + seconds(100)));
}

task<void> see_the_end(World*, bool* done) {
    auto client = co_await connect("10.0.0.1", 25, never);
    auto line = co_await client->read_line(never);
    EXPECT_EQ(line.error().kind, ErrorKind::gone);
    *done = true;
}

TEST(Network, KilledProcessEndsItsConnections) {
    NetworkFixture f(9);
    bool done = false;
    f.clients->spawn(0, see_the_end(&f.world, &done));
    ASSERT_TRUE(f.world.run_until([&] { return f.server.accepted == 1; }, never));
    f.machine->kill();
    EXPECT_TRUE(f.world.run_until([&] { return done; }, f.world.now() + seconds(10)));
    EXPECT_EQ(f.server.listen_end, -ECANCELED);
}

task<void> close_early(World* world, bool* polled, bool* done) {
    auto& kernel = Shard::current().kernel();
    int fd = kernel.open_socket(AF_INET).value();
    {
        Submit op(OpCode::poll, "poll", world->now() + seconds(1));
        op.fd = fd;
        op.flags = POLLIN;
        auto events = co_await std::move(op);
        EXPECT_EQ(events.error().code, ErrorCode::timed_out);
        *polled = true;
    }
    auto client = co_await connect("10.0.0.1", 25, never);
    co_await client->send("x", never);
    client->close();
    EXPECT_TRUE(co_await engine::close_file(engine::File(fd)));
    *done = true;
}

TEST(Network, PollWaitsAndCloseEndsTheStream) {
    NetworkFixture f(10);
    bool polled = false;
    bool done = false;
    f.clients->spawn(0, close_early(&f.world, &polled, &done));
    ASSERT_TRUE(f.world.run_until([&] { return done && f.server.ends.size() == 1; },
                                  f.world.now() + seconds(100)));
    EXPECT_TRUE(polled);
    EXPECT_EQ(f.world.bad_descriptors, 0u);
}

task<void> exchange_somehow(World* world, unsigned* ended) {
    co_await exchange(world, 1000);
    ++*ended;
}

TEST(Network, AcceptThatFailsEndsTheMultishot) {
    Plan plan;
    plan.faults.accept_fails = 1;
    unsigned ended = 0;  // outlives the world, whose end ends the client
    NetworkFixture f(11, plan);
    f.clients->spawn(0, exchange_somehow(&f.world, &ended));
    f.world.run_for(seconds(10));
    EXPECT_TRUE(f.server.listen_end == -ECONNABORTED || f.server.listen_end == -EMFILE);
    EXPECT_FALSE(f.acceptor->in_flight);
}

}  // namespace
}  // namespace postern::sim
