// What the ring costs: a round trip that does nothing, a small message over a socket pair with
// ordinary descriptors and with fixed files, a message file as single steps, as a chain over an
// ordinary descriptor and as a chain over a slot of the ring's table, and a file's way to a socket
// by size and method: where splice overtakes reading and sending is net/limits.hpp's
// splice_bytes_min. One core, CPU time of this thread: what the kernel's own workers do for file
// operations is not in it, the wall-clock time is.
//   ninja -C build-release bench/micro/ring_bench && build-release/bench/micro/ring_bench
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <liburing.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
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

// One operation submitted and one completion taken: the fewest instructions to the kernel and back.
void round_trip(benchmark::State& state) {
    Ring ring;
    for (auto _ : state) {
        for (std::int64_t i = 0; i < state.range(0); ++i) io_uring_prep_nop(ring.entry());
        ring.finish(unsigned(state.range(0)));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(round_trip)->ArgName("operations")->Arg(1)->Arg(16);

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

// A connection over loopback whose other end reads and forgets.
class Reader {
 public:
    Reader() {
        const int listener = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t bytes = sizeof address;
        auto* name = reinterpret_cast<sockaddr*>(&address);
        Ring::check(bind(listener, name, bytes));
        Ring::check(listen(listener, 1));
        Ring::check(getsockname(listener, name, &bytes));
        Ring::check(socket_ = socket(AF_INET, SOCK_STREAM, 0));
        Ring::check(connect(socket_, name, bytes));
        const int other = accept(listener, nullptr, nullptr);
        close(listener);
        thread_ = std::thread([other] {
            std::string room(256 << 10, '\0');
            while (read(other, room.data(), room.size()) > 0) {
            }
            close(other);
        });
    }
    ~Reader() {
        close(socket_);
        thread_.join();
    }
    int fd() const { return socket_; }

 private:
    int socket_ = -1;
    std::thread thread_;
};

enum class Method { read_and_send, splice, map_and_send };
constexpr std::size_t read_bytes_max = 256 << 10;  // a buffer of the daemon's

// Operations whose result is the bytes that they moved, until all are.
template <class Prepare>
void move_all(Ring& ring, std::size_t bytes, Prepare prepare) {
    for (std::size_t moved = 0; moved < bytes;) {
        prepare(ring.entry(), moved);
        moved += std::size_t(ring.finish(1));
    }
}

void splice_file(Ring& ring, int file, std::array<int, 2> pipe, int to, std::size_t bytes) {
    for (std::size_t offset = 0; offset < bytes;) {
        io_uring_prep_splice(ring.entry(), file, std::int64_t(offset), pipe[1], -1,
                             unsigned(bytes - offset), 0);
        const auto piece = std::size_t(ring.finish(1));
        move_all(ring, piece, [&](io_uring_sqe* entry, std::size_t moved) {
            io_uring_prep_splice(entry, pipe[0], -1, to, -1, unsigned(piece - moved), 0);
        });
        offset += piece;
    }
}

void file_to_socket(benchmark::State& state) {
    const auto method = static_cast<Method>(state.range(0));
    const auto bytes = std::size_t(state.range(1));
    Ring ring;
    const Reader reader;
    const std::string path = "ring_bench.tmp";
    const std::string text(bytes, 'x');
    std::array<int, 2> pipe{};
    Ring::check(pipe2(pipe.data(), O_CLOEXEC));
    fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20);
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    Ring::check(int(write(file, text.data(), text.size())));
    void* map = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
    std::string room(std::min(bytes, read_bytes_max), '\0');
    const auto send_all = [&](const char* from, std::size_t size) {
        move_all(ring, size, [&](io_uring_sqe* entry, std::size_t moved) {
            io_uring_prep_send(entry, reader.fd(), from + moved, size - moved, 0);
        });
    };
    for (auto _ : state) {
        if (method == Method::splice) {
            splice_file(ring, file, pipe, reader.fd(), bytes);
        } else if (method == Method::map_and_send) {
            send_all(static_cast<const char*>(map), bytes);
        } else {
            for (std::size_t offset = 0; offset < bytes; offset += room.size()) {
                io_uring_prep_read(ring.entry(), file, room.data(), unsigned(room.size()), offset);
                send_all(room.data(), std::size_t(ring.finish(1)));
            }
        }
    }
    state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(bytes));
    static constexpr const char* names[] = {"read and send", "splice", "map and send"};
    state.SetLabel(names[state.range(0)]);
    munmap(map, bytes);
    for (const int fd : {file, pipe[0], pipe[1]}) close(fd);
    unlink(path.c_str());
}
BENCHMARK(file_to_socket)
    ->ArgNames({"method", "bytes"})
    ->ArgsProduct({{0, 1, 2}, {4 << 10, 64 << 10, 256 << 10, 512 << 10, 1 << 20, 4 << 20}})
    ->UseRealTime();

}  // namespace

// With a second thread, as in the daemon: without one the kernel looks descriptors up more cheaply.
int main(int argc, char** argv) {
    std::thread([] { pause(); }).detach();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
