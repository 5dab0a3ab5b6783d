// The list of operations; see uring_restrictions.hpp. It is what prepare(), prepare_path(),
// submit_chain(), cancel() and post_to_peer() of uring_kernel.cpp use: a new operation is added in
// both places, and the first test that runs it says so.
#include "engine/uring_restrictions.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace postern::engine {
namespace {

constexpr auto allowed_operations = std::to_array<std::uint8_t>({
    IORING_OP_ACCEPT,   IORING_OP_CONNECT,      IORING_OP_RECV,     IORING_OP_SEND,
    IORING_OP_POLL_ADD, IORING_OP_SPLICE,       IORING_OP_OPENAT,   IORING_OP_CLOSE,
    IORING_OP_READ,     IORING_OP_WRITE,        IORING_OP_WRITEV,   IORING_OP_FSYNC,
    IORING_OP_STATX,    IORING_OP_RENAMEAT,     IORING_OP_LINKAT,   IORING_OP_UNLINKAT,
    IORING_OP_MKDIRAT,  IORING_OP_ASYNC_CANCEL, IORING_OP_MSG_RING, IORING_OP_GETXATTR,
    IORING_OP_SETXATTR,
});

constexpr std::uint8_t allowed_flags =
    IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS | IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;

// liburing 2.3 declares functions for these two registrations, and does not export them.
int register_with(const io_uring* ring, unsigned what, const void* argument, unsigned count) {
    long result = ::syscall(__NR_io_uring_register, ring->ring_fd, what, argument, count);
    return result < 0 ? -errno : int(result);
}

}  // namespace

int restrict_ring(io_uring* ring) {
    std::array<io_uring_restriction, allowed_operations.size() + 1> restrictions{};
    for (std::size_t i = 0; i < allowed_operations.size(); ++i) {
        restrictions[i].opcode = IORING_RESTRICTION_SQE_OP;
        restrictions[i].sqe_op = allowed_operations[i];
    }
    restrictions.back().opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
    restrictions.back().sqe_flags = allowed_flags;
    return register_with(ring, IORING_REGISTER_RESTRICTIONS, restrictions.data(),
                         unsigned(restrictions.size()));
}

int enable_ring(io_uring* ring) {
    return register_with(ring, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
}

}  // namespace postern::engine
