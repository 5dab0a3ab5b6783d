// The rules at the head of engine/kernel.hpp, one test each, on the simulated kernel.
#include "sim/sim_kernel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/uio.h>

#include "engine/io.hpp"
#include "sim/client.hpp"
#include "sim/machine.hpp"

namespace postern::sim {
namespace {

using engine::Job;
using engine::Message;
using engine::OpCode;
using engine::Operation;
using engine::Shard;
using engine::Submit;
using engine::task;
using engine::try_;

struct Probe : Operation {
    unsigned completions = 0;
    explicit Probe(OpCode op) {
        code = op;
        on_complete = [](Operation& operation) { ++static_cast<Probe&>(operation).completions; };
    }
};

struct KernelFixture {
    explicit KernelFixture(std::uint64_t seed = 1, Plan plan = {}) : world(seed, plan) {
        machine = &world.add_machine("10.0.0.1", 2);
        machine->boot();
    }
    Kernel& kernel() { return machine->kernel(0); }
    std::int32_t run(Probe& probe) {
        machine->enter(0, [&] { kernel().submit(probe); });
        EXPECT_EQ(probe.completions, 0u);  // never before submit returns
        EXPECT_TRUE(probe.in_flight);
        unsigned before = probe.completions;
        world.run_until([&] { return probe.completions > before && !probe.in_flight; },
                        world.now() + seconds(100));
        EXPECT_EQ(probe.completions, before + 1);
        return probe.result;
    }
    World world;
    Machine* machine;
};

TEST(SimKernel, EveryOperationCompletesOnceAndNotBeforeSubmitReturns) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        KernelFixture f(seed);
        Probe make(OpCode::make_directory);
        make.path = "/d";
        EXPECT_EQ(f.run(make), 0);
        Probe open(OpCode::open);
        open.path = "/d/f";
        open.flags = O_RDWR | O_CREAT;
        int fd = f.run(open);
        ASSERT_GE(fd, 3);
        Probe write(OpCode::write);
        write.fd = fd;
        write.data = "hello";
        write.length = 5;
        EXPECT_EQ(f.run(write), 5);
        Probe vector(OpCode::write_vector);
        iovec parts[2] = {{const_cast<char*>(" wor"), 4}, {const_cast<char*>("ld"), 2}};
        vector.fd = fd;
        vector.vectors = parts;
        vector.vector_count = 2;
        vector.offset = 5;
        EXPECT_EQ(f.run(vector), 6);
        Probe sync(OpCode::sync_data);
        sync.fd = fd;
        EXPECT_EQ(f.run(sync), 0);
        char memory[32];
        Probe read(OpCode::read);
        read.fd = fd;
        read.memory = memory;
        read.length = sizeof memory;
        EXPECT_EQ(f.run(read), 11);
        EXPECT_EQ(std::string_view(memory, 11), "hello world");
        Probe rename(OpCode::rename);
        rename.path = "/d/f";
        rename.path2 = "/d/g";
        EXPECT_EQ(f.run(rename), 0);
        engine::FileStatus status;
        Probe stat(OpCode::stat);
        stat.path = "/d/g";
        stat.status = &status;
        EXPECT_EQ(f.run(stat), 0);
        EXPECT_EQ(status.size_bytes, 11u);
        std::vector<engine::DirectoryEntry> entries;
        Probe list(OpCode::list_directory);
        list.path = "/d";
        list.entries = &entries;
        EXPECT_EQ(f.run(list), 1);
        Probe close(OpCode::close);
        close.fd = fd;
        EXPECT_EQ(f.run(close), 0);
        EXPECT_EQ(f.world.bad_descriptors, 0u);
        Probe again(OpCode::sync);
        again.fd = fd;
        EXPECT_EQ(f.run(again), -EBADF);
        EXPECT_EQ(f.world.bad_descriptors, 1u);
        EXPECT_EQ(f.kernel().counters().submissions, 11u);
        EXPECT_EQ(f.kernel().counters().completions, 11u);
        EXPECT_EQ(f.kernel().counters().syncs, 2u);
    }
}

TEST(SimKernel, AChainEndsWithTheStepThatFails) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        KernelFixture f(seed);
        std::string_view content = "hello";
        auto create = [&](const char* path) {
            Probe probe(OpCode::create_file);
            probe.path = path;
            probe.content = &content;
            return f.run(probe);
        };
        auto sync = [&](const char* path) {
            Probe probe(OpCode::sync_directory);
            probe.path = path;
            return f.run(probe);
        };
        EXPECT_EQ(create("/d/f"), -ENOENT);
        EXPECT_EQ(create("/f"), 0);
        EXPECT_EQ(f.machine->disk().content("/f"), "hello");
        EXPECT_EQ(create("/f"), -EEXIST);
        EXPECT_EQ(sync("/f"), -ENOTDIR);
        EXPECT_EQ(sync("/"), 0);
        f.world.plan().disk_bytes = f.machine->disk().used_bytes() + 2;
        std::int32_t full = create("/g");
        EXPECT_TRUE(full == -EAGAIN || full == -ENOSPC) << full;
        EXPECT_EQ(f.world.bad_descriptors, 0u);
    }
}

// Made and written, and nothing of it durable before everything is.
TEST(SimKernel, AWrittenFileIsDurableAfterASyncOfTheFileSystem) {
    unsigned lost = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        KernelFixture f(seed);
        std::string_view content = "hello";
        const auto write = [&] {
            Probe probe(OpCode::write_file);
            probe.path = "/f";
            probe.content = &content;
            return f.run(probe);
        };
        EXPECT_EQ(write(), 0);
        EXPECT_EQ(f.machine->disk().content("/f"), "hello");
        EXPECT_EQ(write(), -EEXIST);
        Probe open(OpCode::open);
        open.path = "/f";
        const int fd = f.run(open);
        const auto sync = [&] {
            Probe probe(OpCode::sync_file_system);
            probe.fd = fd;
            return f.run(probe);
        };
        f.world.plan().has_syncfs = false;
        EXPECT_EQ(sync(), -EOPNOTSUPP);
        f.world.plan().has_syncfs = true;
        if (seed % 2 == 0) {
            EXPECT_EQ(sync(), 0);
        }
        f.machine->power_cut();
        const bool is_there = f.machine->disk().content("/f") == "hello";
        if (seed % 2 == 0) {
            EXPECT_TRUE(is_there);
        } else {
            lost += is_there ? 0 : 1;
        }
    }
    EXPECT_GT(lost, 5u);
}

// Done means that the name outlives the power.
TEST(SimKernel, ALinkThatIsDoneIsDurable) {
    KernelFixture f(1);
    std::string_view content = "hello";
    Probe create(OpCode::create_file);
    create.path = "/f";
    create.content = &content;
    EXPECT_EQ(f.run(create), 0);
    auto link = [&](const char* from, const char* to) {
        Probe probe(OpCode::link_durably);
        probe.path = from;
        probe.path2 = to;
        probe.directory = "/";
        return f.run(probe);
    };
    EXPECT_EQ(link("/absent", "/name"), -ENOENT);
    EXPECT_EQ(link("/f", "/f"), -EEXIST);
    EXPECT_EQ(link("/f", "/name"), 0);
    f.machine->power_cut();
    EXPECT_EQ(f.machine->disk().content("/name"), "hello");
}

// Power goes at a random moment: each state in between is met, and what completed is durable.
TEST(SimKernel, PowerMayGoBetweenTheStepsOfAChain) {
    unsigned absent = 0, part = 0, whole = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        KernelFixture f(seed);
        std::string_view content = "hello";
        Probe create(OpCode::create_file);
        Probe sync(OpCode::sync_directory);
        create.path = "/f";
        create.content = &content;
        sync.path = "/";
        f.machine->enter(0, [&] { f.kernel().submit(create); });
        f.world.run_for(microseconds(std::int64_t(seed) * 4));
        bool done = create.completions > 0 && create.result == 0;
        if (done) f.run(sync);
        f.machine->power_cut();
        auto left = f.machine->disk().content("/f");
        if (done) {
            EXPECT_EQ(left, "hello") << seed;
        }
        if (!left) {
            ++absent;
        } else {
            ++(*left == "hello" ? whole : part);
        }
    }
    EXPECT_GT(absent, 10u);
    EXPECT_GT(part, 10u);
    EXPECT_GT(whole, 10u);
}

TEST(SimKernel, CloseDoesNotHurtAnOperationSubmittedBefore) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        KernelFixture f(seed);
        Probe open(OpCode::open);
        open.path = "/f";
        open.flags = O_RDWR | O_CREAT;
        int fd = f.run(open);
        Probe write(OpCode::write);
        Probe close(OpCode::close);
        write.fd = close.fd = fd;
        write.data = "x";
        write.length = 1;
        f.machine->enter(0, [&] {
            f.kernel().submit(write);
            f.kernel().submit(close);
        });
        f.world.run_for(seconds(10));
        EXPECT_EQ(write.result, 1);
        EXPECT_EQ(close.result, 0);
        EXPECT_EQ(f.machine->disk().content("/f"), "x");
    }
}

TEST(SimKernel, IndependentOperationsCompleteInAnyOrder) {
    unsigned swapped = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        KernelFixture f(seed);
        static std::vector<int> order;
        order.clear();
        Probe first(OpCode::make_directory);
        Probe second(OpCode::make_directory);
        first.path = "/a";
        second.path = "/b";
        first.on_complete = [](Operation&) { order.push_back(1); };
        second.on_complete = [](Operation&) { order.push_back(2); };
        f.machine->enter(0, [&] {
            f.kernel().submit(first);
            f.kernel().submit(second);
        });
        f.world.run_for(seconds(10));
        ASSERT_EQ(order.size(), 2u);
        swapped += order[0] == 2;
    }
    EXPECT_GT(swapped, 10u);
    EXPECT_LT(swapped, 90u);
}

TEST(SimKernel, CancelOnlyAsks) {
    unsigned cancelled = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        KernelFixture f(seed);
        Probe make(OpCode::make_directory);
        make.path = "/a";
        f.machine->enter(0, [&] {
            f.kernel().submit(make);
            f.kernel().cancel(make);
        });
        EXPECT_EQ(make.completions, 0u);
        f.world.run_for(seconds(10));
        ASSERT_EQ(make.completions, 1u);
        ASSERT_FALSE(make.in_flight);
        bool made = !f.machine->disk().tree().empty();
        EXPECT_EQ(made, make.result == 0);
        cancelled += make.result == -ECANCELED;
        f.machine->enter(0,
                         [&] { f.kernel().cancel(make); });  // nothing in flight: nothing happens
        f.world.run_for(seconds(1));
        EXPECT_EQ(make.completions, 1u);
    }
    EXPECT_GT(cancelled, 5u);
    EXPECT_LT(cancelled, 95u);
}

TEST(SimKernel, AcceptGoesOnUntilCancelled) {
    KernelFixture f;
    Machine& clients = f.world.add_machine("10.0.0.2", 1);
    clients.boot();
    Probe accept(OpCode::accept);
    f.machine->enter(0, [&] {
        accept.fd = f.kernel().listen("::", 25).value();
        f.kernel().submit(accept);
    });
    for (unsigned i = 1; i <= 3; ++i) {
        bool connected = false;
        clients.spawn(0, [](bool* flag) -> task<void> {
            auto client = co_await connect("10.0.0.1", 25, never);
            *flag = client.has_value();
        }(&connected));
        f.world.run_until([&] { return connected && accept.completions == i; },
                          f.world.now() + seconds(10));
        ASSERT_EQ(accept.completions, i);
        EXPECT_TRUE(accept.more && accept.in_flight);
        EXPECT_EQ(f.kernel().peer_address(accept.result), "10.0.0.2");
        EXPECT_EQ(f.kernel().local_port(accept.result), 25);
    }
    f.machine->enter(0, [&] { f.kernel().cancel(accept); });
    f.world.run_for(seconds(10));
    EXPECT_EQ(accept.completions, 4u);
    EXPECT_EQ(accept.result, -ECANCELED);
    EXPECT_FALSE(accept.more || accept.in_flight);
}

struct Receiver : Operation {
    std::vector<std::uint16_t> held;
    std::string bytes;
    std::vector<std::int32_t> ends;
};

TEST(SimKernel, ReceiveEndsWithoutBuffersAndGoesOnWhenTheyAreBack) {
    Plan plan;
    plan.receive_buffers = 2;
    plan.receive_buffer_bytes = 4;
    KernelFixture f(1, plan);
    Machine& clients = f.world.add_machine("10.0.0.2", 1);
    clients.boot();
    Probe accept(OpCode::accept);
    f.machine->enter(0, [&] {
        accept.fd = f.kernel().listen("::", 25).value();
        f.kernel().submit(accept);
    });
    clients.spawn(0, []() -> task<void> {
        auto client = co_await connect("10.0.0.1", 25, never);
        co_await client->send("0123456789", never);
        co_await client->send("abcdefghij", never);
    }());
    f.world.run_until([&] { return accept.completions == 1; }, never);
    Receiver receiver;
    receiver.code = OpCode::receive;
    receiver.fd = accept.result;
    receiver.on_complete = [](Operation& operation) {
        auto& self = static_cast<Receiver&>(operation);
        if (self.has_buffer) {
            self.held.push_back(self.buffer_id);
            self.bytes +=
                Shard::current().kernel().buffer_bytes(self.buffer_id, std::size_t(self.result));
            EXPECT_TRUE(self.more);
        } else {
            self.ends.push_back(self.result);
            EXPECT_FALSE(self.more);
        }
    };
    while (receiver.ends.empty() || receiver.ends.back() != 0) {
        f.machine->enter(0, [&] {
            for (std::uint16_t id : std::exchange(receiver.held, {})) f.kernel().recycle(id);
            f.kernel().submit(receiver);
        });
        ASSERT_TRUE(
            f.world.run_until([&] { return !receiver.in_flight; }, f.world.now() + seconds(100)));
        ASSERT_TRUE(receiver.ends.back() == 0 || receiver.ends.back() == -ENOBUFS);
    }
    EXPECT_EQ(receiver.bytes, "0123456789abcdefghij");
    EXPECT_GE(receiver.ends.size(), 3u);
    f.machine->kill();  // before the operations in flight go out of scope
}

struct Letter : Message {
    int number = 0;
    std::vector<int>* arrived = nullptr;
};

TEST(SimKernel, MessagesOfAPairArriveInOrder) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        KernelFixture f(seed);
        std::vector<int> arrived;
        std::vector<Letter> letters(100);
        for (int i = 0; i < 100; ++i) {
            Letter& letter = letters[std::size_t(i)];
            letter.number = i;
            letter.arrived = &arrived;
            letter.deliver = [](Message& message) {
                auto& self = static_cast<Letter&>(message);
                EXPECT_EQ(Shard::current().id(), 1u);
                self.arrived->push_back(self.number);
            };
            f.machine->enter(0, [&] { f.kernel().send_message(1, letter); });
            EXPECT_EQ(arrived.size(), arrived.size());
            if (i % 10 == 0) f.world.run_for(microseconds(20));
        }
        f.world.run_for(seconds(10));
        ASSERT_EQ(arrived.size(), 100u);
        EXPECT_TRUE(std::is_sorted(arrived.begin(), arrived.end()));
    }
}

struct Count final : Job {
    unsigned runs = 0;
    void run() override { ++runs; }
};

TEST(SimKernel, OffloadRunsItsJobBeforeItCompletes) {
    KernelFixture f;
    Count count;
    Probe offload(OpCode::offload);
    offload.job = &count;
    EXPECT_EQ(f.run(offload), 0);
    EXPECT_EQ(count.runs, 1u);
    EXPECT_EQ(f.kernel().counters().offloads, 1u);
}

TEST(SimKernel, RunOnceWaitsUntilItsDeadline) {
    KernelFixture f;
    MonotonicTime deadline = f.world.now() + seconds(7);
    f.machine->slots()[0].inside_turn = true;
    f.kernel().run_once(deadline);
    f.machine->slots()[0].inside_turn = false;
    EXPECT_EQ(f.world.now(), deadline);
    f.kernel().run_once(MonotonicTime{0});
    EXPECT_EQ(f.world.now(), deadline);
}

TEST(SimKernel, RandomComesFromTheSeed) {
    KernelFixture a(5);
    KernelFixture b(5);
    KernelFixture c(6);
    std::string x(16, 0), y(16, 0), z(16, 0);
    a.kernel().random(x);
    b.kernel().random(y);
    c.kernel().random(z);
    EXPECT_EQ(x, y);
    EXPECT_NE(x, z);
}

task<Result<void>> splice_file(int socket) {
    auto file = co_await try_(engine::open_file("/m", O_RDWR | O_CREAT));
    co_await try_(engine::write_at(file.fd(), "spliced\r\n", 0));
    Submit op(OpCode::splice, "splice");
    op.fd = file.fd();
    op.fd2 = socket;
    op.length = 100;
    op.offset = 0;
    int count = co_await try_(std::move(op));
    EXPECT_EQ(count, 9);
    co_return {};
}

TEST(SimKernel, SplicesAFileIntoASocket) {
    KernelFixture f;
    Machine& clients = f.world.add_machine("10.0.0.2", 1);
    clients.boot();
    Probe accept(OpCode::accept);
    f.machine->enter(0, [&] {
        accept.fd = f.kernel().listen("::", 25).value();
        f.kernel().submit(accept);
    });
    std::string got;
    clients.spawn(0, [](std::string* line) -> task<void> {
        auto client = co_await connect("10.0.0.1", 25, never);
        *line = (co_await client->read_line(never)).value_or("");
    }(&got));
    f.world.run_until([&] { return accept.completions == 1; }, never);
    f.machine->spawn(0, [](int fd) -> task<void> {
        auto result = co_await splice_file(fd);
        EXPECT_TRUE(result.has_value());
    }(accept.result));
    f.world.run_until([&] { return !got.empty(); }, f.world.now() + seconds(10));
    EXPECT_EQ(got, "spliced");
    f.machine->kill();
}

}  // namespace
}  // namespace postern::sim
