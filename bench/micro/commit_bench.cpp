// The price of making small files durable: each with an fsync of its own, as one by one
// create_file does, or all with one syncfs, as a CommitGroup does; then the entries, by syncs of
// their directories or one more syncfs. The number is of files that are wanted at the same time.
// CPU time is of this thread; what the kernel's own threads write back for it is not in it.
//   ninja -C build-release bench/micro/commit_bench && build-release/bench/micro/commit_bench
// POSTERN_BENCH_DIR: a directory on the file system that matters; /tmp if it is not set.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

constexpr std::size_t file_bytes = 4096;
constexpr int mailboxes = 16;

void check(int result) {
    if (result < 0) std::abort();
}

// A spool and mailboxes, as the store has them.
class Place {
 public:
    Place() {
        const char* parent = std::getenv("POSTERN_BENCH_DIR");
        root_ = std::string(parent != nullptr ? parent : "/tmp") + "/postern-commit-XXXXXX";
        if (mkdtemp(root_.data()) == nullptr) std::abort();
        std::filesystem::create_directory(root_ + "/spool");
        for (int i = 0; i < mailboxes; ++i) std::filesystem::create_directory(mailbox(i));
        root_fd_ = open(root_.c_str(), O_RDONLY | O_DIRECTORY);
        check(syncfs(root_fd_));
    }
    ~Place() {
        close(root_fd_);
        std::filesystem::remove_all(root_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    int root_fd() const { return root_fd_; }
    std::string mailbox(std::int64_t i) const {
        return root_ + "/box" + std::to_string(i % mailboxes);
    }
    std::string spooled(std::int64_t i) const { return root_ + "/spool/" + std::to_string(i); }
    std::string filed(std::int64_t i) const { return mailbox(i) + "/m" + std::to_string(i); }

 private:
    std::string root_;
    int root_fd_ = -1;
};

enum class Sync : unsigned char { each, together };

void make_files(const Place& place, std::int64_t first, std::int64_t count, Sync sync) {
    const std::string content(file_bytes, 'x');
    for (std::int64_t i = first; i < first + count; ++i) {
        const int fd = open(place.spooled(i).c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
        check(fd);
        check(int(write(fd, content.data(), content.size())));
        if (sync == Sync::each) check(fsync(fd));
        close(fd);
    }
    if (sync == Sync::together) check(syncfs(place.root_fd()));
}

void file_them(const Place& place, std::int64_t first, std::int64_t count, Sync sync) {
    for (std::int64_t i = first; i < first + count; ++i) {
        check(link(place.spooled(i).c_str(), place.filed(i).c_str()));
    }
    if (sync == Sync::together) check(syncfs(place.root_fd()));
    for (std::int64_t i = 0; sync == Sync::each && i < std::min<std::int64_t>(count, mailboxes);
         ++i) {
        const int fd = open(place.mailbox(first + i).c_str(), O_RDONLY | O_DIRECTORY);
        check(fsync(fd));
        close(fd);
    }
    for (std::int64_t i = first; i < first + count; ++i) check(unlink(place.spooled(i).c_str()));
}

void commit(benchmark::State& state, Sync sync) {
    const Place place;
    std::int64_t next = 0;
    for (auto _ : state) {
        make_files(place, next, state.range(0), sync);
        file_them(place, next, state.range(0), sync);
        next += state.range(0);
    }
    state.SetItemsProcessed(next);
}
BENCHMARK_CAPTURE(commit, each, Sync::each)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(commit, together, Sync::together)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
