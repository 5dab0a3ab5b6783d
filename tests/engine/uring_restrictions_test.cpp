// What is not on the list is refused by the ring itself.
#include "engine/uring_restrictions.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "engine/uring_kernel.hpp"

namespace postern::engine {
namespace {

// A ring as a shard has it.
struct RestrictedRing {
    RestrictedRing() {
        io_uring_params params{};
        params.flags =
            IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_R_DISABLED;
        EXPECT_EQ(io_uring_queue_init_params(8, &ring, &params), 0);
        EXPECT_EQ(restrict_ring(&ring), 0);
        EXPECT_EQ(enable_ring(&ring), 0);
    }
    ~RestrictedRing() { io_uring_queue_exit(&ring); }

    io_uring_sqe* entry() { return io_uring_get_sqe(&ring); }
    int result() {
        io_uring_submit_and_wait(&ring, 1);
        io_uring_cqe* completion = nullptr;
        EXPECT_EQ(io_uring_peek_cqe(&ring, &completion), 0);
        int result = completion->res;
        io_uring_cqe_seen(&ring, completion);
        return result;
    }

    io_uring ring{};
};

TEST(UringRestrictions, AnOperationOutsideTheListIsRefused) {
    RestrictedRing ring;
    io_uring_prep_nop(ring.entry());
    EXPECT_EQ(ring.result(), -EACCES);
    io_uring_prep_socket(ring.entry(), AF_INET, SOCK_STREAM, 0, 0);
    EXPECT_EQ(ring.result(), -EACCES);
    open_how how{};
    io_uring_prep_openat2(ring.entry(), AT_FDCWD, "/etc/passwd", &how);
    EXPECT_EQ(ring.result(), -EACCES);
    io_uring_prep_symlinkat(ring.entry(), "/etc/passwd", AT_FDCWD, "/tmp/never");
    EXPECT_EQ(ring.result(), -EACCES);
    io_uring_prep_fsetxattr(ring.entry(), 0, "user.x", "y", 0, 1);
    EXPECT_EQ(ring.result(), -EACCES);
}

TEST(UringRestrictions, AFlagOutsideTheListIsRefused) {
    RestrictedRing ring;
    io_uring_sqe* entry = ring.entry();
    io_uring_prep_fsync(entry, -1, 0);
    entry->flags |= IOSQE_IO_DRAIN;
    EXPECT_EQ(ring.result(), -EACCES);
}

TEST(UringRestrictions, WhatIsOnTheListIsDone) {
    RestrictedRing ring;
    io_uring_prep_fsync(ring.entry(), -1, 0);
    EXPECT_EQ(ring.result(), -EBADF);
    io_uring_prep_openat(ring.entry(), AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
    int fd = ring.result();
    EXPECT_GE(fd, 0);
    close(fd);
}

// The ring of a shard: nothing can be registered with it, which an open ring would allow.
TEST(UringRestrictions, AShardsRingIsRestricted) {
    auto kernel = UringKernel::create({});
    ASSERT_TRUE(kernel) << kernel.error();
    int event = 0;
    long result =
        syscall(__NR_io_uring_register, (*kernel)->ring_fd(), IORING_REGISTER_EVENTFD, &event, 1);
    EXPECT_EQ(result, -1);
    EXPECT_EQ(errno, EACCES);
}

}  // namespace
}  // namespace postern::engine
