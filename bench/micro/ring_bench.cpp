// What the ring costs: a small message over a socket pair with ordinary descriptors and with fixed
// files, and a message file as single steps, as a chain over an ordinary descriptor and as a chain
// over a slot of the ring's table. One core, CPU time of this thread: what the kernel's own workers
// do for file operations is not in it, the wall-clock time is.
//   ninja -C build-release bench/micro/ring_bench && build-release/bench/micro/ring_bench
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

// A ring as a shard has it, with a table of files.
struct Ring {
    Ring() {
        io_uring_params params{};
        params.flags =
            IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL;
        check(io_uring_queue_init_params(256, &ring, &params));
        check(io_uring_register_files_sparse(&ring, 16));
    }
    ~Ring() { io_uring_queue_exit(&ring); }

    static void check(int result) {
        if (result < 0) std::abort();
    }
    io_uring_sqe* entry() { return io_uring_get_sqe(&ring); }
    // Enters once and takes `wanted` completions.
    int finish(unsigned wanted) {
        check(io_uring_submit_and_wait(&ring, wanted));
        int last = 0;
        for (unsigned i = 0; i < wanted; ++i) {
            io_uring_cqe* completion = nullptr;
            check(io_uring_peek_cqe(&ring, &completion));
            check(last = completion->res);
            io_uring_cqe_seen(&ring, completion);
        }
        return last;
    }

    io_uring ring{};
};

// Sixteen sends and sixteen receives an entry into the kernel, as a busy shard makes them.
void socket_pair(benchmark::State& state) {
    constexpr unsigned batch = 16;
    const bool fixed = state.range(0) != 0;
    Ring ring;
    std::array<int, 2> ends{};
    Ring::check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
    if (fixed) Ring::check(io_uring_register_files_update(&ring.ring, 0, ends.data(), 2));
    const std::array<int, 2> used = fixed ? std::array<int, 2>{0, 1} : ends;
    const unsigned flags = fixed ? IOSQE_FIXED_FILE : 0u;
    std::array<char, 256> text{};
    for (auto _ : state) {
        for (unsigned i = 0; i < batch; ++i) {
            io_uring_sqe* entry = ring.entry();
            io_uring_prep_send(entry, used[0], text.data(), text.size(), 0);
            entry->flags |= std::uint8_t(flags);
        }
        for (unsigned i = 0; i < batch; ++i) {
            io_uring_sqe* entry = ring.entry();
            io_uring_prep_recv(entry, used[1], text.data(), text.size(), 0);
            entry->flags |= std::uint8_t(flags);
        }
        ring.finish(2 * batch);
    }
    state.SetItemsProcessed(std::int64_t(state.iterations()) * batch);
    close(ends[0]);
    close(ends[1]);
}
BENCHMARK(socket_pair)->ArgName("fixed")->Arg(0)->Arg(1);

enum class Steps { single, chain, chain_with_slot };
constexpr int open_flags = O_WRONLY | O_CREAT | O_EXCL;

void submit_rest(Ring& ring, int fd, unsigned flags, const std::string& text) {
    io_uring_sqe* entry = ring.entry();
    io_uring_prep_write(entry, fd, text.data(), unsigned(text.size()), 0);
    entry->flags |= std::uint8_t(flags | IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
    entry = ring.entry();
    io_uring_prep_fsync(entry, fd, 0);
    entry->flags |= std::uint8_t(flags | IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
}

int open_file(Ring& ring, const std::string& path) {
    io_uring_prep_openat(ring.entry(), AT_FDCWD, path.c_str(), open_flags | O_CLOEXEC, 0600);
    return ring.finish(1);
}

void make_file(Ring& ring, Steps steps, const std::string& path, const std::string& text) {
    if (steps == Steps::chain_with_slot) {
        io_uring_sqe* entry = ring.entry();
        io_uring_prep_openat_direct(entry, AT_FDCWD, path.c_str(), open_flags, 0600, 0);
        entry->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
        submit_rest(ring, 0, IOSQE_FIXED_FILE, text);
        io_uring_prep_close_direct(ring.entry(), 0);
        ring.finish(1);
        return;
    }
    const int fd = open_file(ring, path);
    if (steps == Steps::chain) {
        submit_rest(ring, fd, 0, text);
        io_uring_prep_close(ring.entry(), fd);
        ring.finish(1);
        return;
    }
    io_uring_prep_write(ring.entry(), fd, text.data(), unsigned(text.size()), 0);
    ring.finish(1);
    io_uring_prep_fsync(ring.entry(), fd, 0);
    ring.finish(1);
    io_uring_prep_close(ring.entry(), fd);
    ring.finish(1);
}

// In the working directory: on the disk that matters, or on tmpfs to see the ring alone.
void message_file(benchmark::State& state) {
    const auto steps = static_cast<Steps>(state.range(0));
    Ring ring;
    const std::string text(4096, 'x');
    const std::string path = "ring_bench.tmp";
    unlink(path.c_str());
    for (auto _ : state) {
        make_file(ring, steps, path, text);
        unlink(path.c_str());
    }
}
BENCHMARK(message_file)->ArgName("steps")->DenseRange(0, 2)->UseRealTime();

}  // namespace

// With a second thread, as in the daemon: without one the kernel looks descriptors up more cheaply.
int main(int argc, char** argv) {
    std::thread([] { pause(); }).detach();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
