// What UringKernel offers beside the ring: clocks, randomness, receive buffers, and the calls that
// never block.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "engine/at_once.hpp"
#include "engine/socket_address.hpp"
#include "engine/uring_kernel.hpp"

namespace postern::engine {
namespace {

std::int64_t clock_ns(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

}  // namespace

MonotonicTime UringKernel::now() {
    return {clock_ns(CLOCK_MONOTONIC)};
}
WallTime UringKernel::wall_now() {
    return {clock_ns(CLOCK_REALTIME)};
}

void UringKernel::random(std::span<char> bytes) {
    for (char& byte : bytes) {
        if (random_left_ == 0) refill_random();
        byte = std::exchange(random_pool_[--random_left_], char(0));
    }
}

std::uint64_t UringKernel::free_bytes(int fd) {
    struct statfs state{};
    if (fstatfs(fd, &state) != 0) return 0;
    return std::uint64_t(state.f_bavail) * std::uint64_t(state.f_bsize);
}

// One system call for many names.
void UringKernel::refill_random() {
    while (random_left_ < random_pool_.size()) {
        ssize_t count =
            getrandom(random_pool_.data() + random_left_, random_pool_.size() - random_left_, 0);
        if (count > 0) random_left_ += std::size_t(count);
    }
}

std::string_view UringKernel::buffer_bytes(std::uint16_t buffer_id, std::size_t length) {
    assert(buffer_id < receive_buffers && length <= receive_buffer_bytes);
    return {buffers_ + buffer_id * receive_buffer_bytes, length};
}

void UringKernel::recycle(std::uint16_t buffer_id) {
    spare_buffers_.push_back(buffer_id);
    offer_buffers();
}

// The ring takes buffers in the order they were given: giving it all of them would lead every idle
// shard through all their memory.
void UringKernel::offer_buffers() {
    int added = 0;
    for (; offered_buffers_ < offered_wanted_ && !spare_buffers_.empty(); ++offered_buffers_) {
        std::uint16_t buffer_id = spare_buffers_.back();
        spare_buffers_.pop_back();
        io_uring_buf_ring_add(buffer_ring_, buffers_ + buffer_id * receive_buffer_bytes,
                              receive_buffer_bytes, buffer_id,
                              io_uring_buf_ring_mask(receive_buffers), added++);
    }
    if (added > 0) io_uring_buf_ring_advance(buffer_ring_, added);
}

Result<int> UringKernel::listen(const std::string& address, std::uint16_t port) {
    return open_listening_socket(address, port);
}

Result<int> UringKernel::open_socket(int family) {
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail_errno(errno, "socket");
    const int on = 1;
    if (family != AF_UNIX) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

Result<std::array<int, 2>> UringKernel::open_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(errno, "pipe");
    return ends;
}

std::string UringKernel::peer_address(int fd) {
    sockaddr_storage storage{};
    socklen_t bytes = sizeof storage;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &bytes) != 0) return {};
    return format_address(reinterpret_cast<sockaddr*>(&storage));
}

std::uint16_t UringKernel::local_port(int fd) {
    sockaddr_storage storage{};
    socklen_t bytes = sizeof storage;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &bytes) != 0) return 0;
    if (storage.ss_family == AF_INET)
        return ntohs(reinterpret_cast<sockaddr_in&>(storage).sin_port);
    if (storage.ss_family == AF_INET6) {
        return ntohs(reinterpret_cast<sockaddr_in6&>(storage).sin6_port);
    }
    return 0;
}

bool UringKernel::complete_at_once(Operation& operation) {
    if (answered_ >= answers_at_once_max || !answer_at_once(operation)) return false;
    ++answered_;
    ++counters_.answers;
    return true;
}

}  // namespace postern::engine
