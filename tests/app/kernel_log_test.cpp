// The kernel's records on their way to a log server, from a socket that gives one a read, too.
#include "app/kernel_log.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "app/log_receiver.hpp"

namespace postern::app {
namespace {

class KernelLogTest : public testing::Test {
 protected:
    KernelLogTest() {
        remote_.start();
        std::filesystem::remove(state_);
    }
    ~KernelLogTest() override { std::filesystem::remove(state_); }

    // All records since the machine was started, as the kernel gives them to each reader.
    std::unique_ptr<KernelLog> read(unsigned records, const std::string& boot_id = "boot-1") {
        std::array<int, 2> ends{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()), 0);
        for (unsigned i = 0; i < records; ++i) {
            const std::string record =
                "6," + std::to_string(i) + ",0,-;record " + std::to_string(i) + "\n SUBSYSTEM=x\n";
            EXPECT_EQ(send(ends[1], record.data(), record.size(), 0), ssize_t(record.size()));
        }
        writer_ = ends[1];
        return std::make_unique<KernelLog>(ends[0], boot_id, state_, remote_);
    }
    std::string next(int wait_ms = 10'000) {
        const auto message = receiver_.next(wait_ms);
        return message ? message->substr(message->find(" kernel ")) : "(none)";
    }

    const std::string state_ = testing::TempDir() + "kernel-log-" + std::to_string(getpid());
    LogReceiver receiver_{LogTransport::udp};
    RemoteLog remote_{"h", {receiver_.name()}};
    int writer_ = -1;
};

TEST_F(KernelLogTest, EachRecordGoesOnceInTheLifeOfTheMachine) {
    auto log = read(2);
    EXPECT_EQ(next(), " kernel - - - record 0");
    EXPECT_EQ(next(), " kernel - - - record 1");
    log.reset();
    close(writer_);
    log = read(3);
    EXPECT_EQ(next(), " kernel - - - record 2");
    log.reset();
    close(writer_);
    log = read(1, "boot-2");
    EXPECT_EQ(next(), " kernel - - - record 0");
    log.reset();
    close(writer_);
    std::ofstream(state_) << "boot-2 nonsense\n";
    log = read(1, "boot-2");
    EXPECT_EQ(next(), " kernel - - - record 0");
    close(writer_);
}

TEST_F(KernelLogTest, TheKernelKeepsThemWhileThereIsNoServer) {
    remote_.set_servers({});
    const auto log = read(1);
    EXPECT_EQ(next(500), "(none)");
    remote_.set_servers({receiver_.name()});
    EXPECT_EQ(next(), " kernel - - - record 0");
    const std::string odd = "no record";
    send(writer_, odd.data(), odd.size(), 0);
    const std::string more = "12,9,0,-;later";
    send(writer_, more.data(), more.size(), 0);
    const auto message = receiver_.next();
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->starts_with("<12>1 ")) << *message;
    close(writer_);
}

TEST_F(KernelLogTest, TimesAreOfTheClock) {
    const auto log = read(1);
    const auto message = receiver_.next();
    ASSERT_TRUE(message);
    timespec up{};
    clock_gettime(CLOCK_MONOTONIC, &up);
    const std::time_t booted = std::time(nullptr) - up.tv_sec;
    std::array<char, 16> day{};
    std::strftime(day.data(), day.size(), "%Y-%m-%d", std::gmtime(&booted));
    EXPECT_TRUE(message->contains(day.data())) << *message;
    close(writer_);
}

}  // namespace
}  // namespace postern::app
