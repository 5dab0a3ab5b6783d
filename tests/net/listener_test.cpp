// Accepting on loopback: over the limit is refused in words, draining ends the listener.
#include "net/listener.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "engine/socket_address.hpp"
#include "engine/uring_kernel.hpp"

namespace postern::net {
namespace {

using engine::task;

int connect_to(std::uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
}

std::string read_all(int fd) {
    std::string text;
    char block[256];
    for (ssize_t count; (count = read(fd, block, sizeof block)) > 0;) {
        text.append(block, std::size_t(count));
    }
    return text;
}

task<void> greet_and_wait(Stream stream) {
    stream.write("served\r\n");
    co_await stream.flush(deadline_in(seconds(2)));
    co_await stream.read_line(100, deadline_in(seconds(5)), engine::WhenDraining::ends);
}

task<void> refuse(Stream stream) {
    stream.write("busy\r\n");
    co_await stream.close(deadline_in(seconds(2)));
}

task<void> drain_soon(engine::Scope* listeners, engine::Scope* sessions) {
    co_await engine::sleep_until(deadline_in(milliseconds(100)));
    listeners->drain();
    sessions->drain();
    co_await listeners->join();
    co_await sessions->join();
}

TEST(Listener, RefusesOverTheLimitAndDrains) {
    auto kernel = engine::UringKernel::create({});
    ASSERT_TRUE(kernel) << kernel.error();
    engine::Shard shard(0, 1, **kernel);
    auto fd = (*kernel)->listen("127.0.0.1", 0);
    ASSERT_TRUE(fd);
    std::uint16_t port = (*kernel)->local_port(*fd);
    int clients[3] = {connect_to(port), connect_to(port), connect_to(port)};
    engine::Scope listeners, sessions;
    {
        engine::Shard::Enter enter(shard);
        ListenerOptions options;
        options.fd = *fd;
        options.connections_max = 2;
        listeners.spawn(run_listener(options, &sessions, {greet_and_wait, refuse}));
    }
    engine::run_to_end(shard, drain_soon(&listeners, &sessions));
    EXPECT_EQ(read_all(clients[0]), "served\r\n");
    EXPECT_EQ(read_all(clients[1]), "served\r\n");
    EXPECT_EQ(read_all(clients[2]), "busy\r\n");
    for (int client : clients) close(client);
    int late = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    EXPECT_NE(connect(late, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    close(late);
}

TEST(Listener, APortInUseIsSaid) {
    auto first = engine::UringKernel::create({});
    auto fd = (*first)->listen("127.0.0.1", 0);
    ASSERT_TRUE(fd);
    auto free = engine::check_port_is_free("127.0.0.1", (*first)->local_port(*fd));
    EXPECT_FALSE(free);
    EXPECT_EQ(free.error().system_errno, EADDRINUSE);
    close(*fd);
}

}  // namespace
}  // namespace postern::net
