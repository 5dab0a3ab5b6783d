// The real ring: files, directories, sockets, the offload pool, messages between shards.
#include "engine/uring_kernel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "engine/io.hpp"
#include "engine/real_shard.hpp"
#include "engine/shard_group.hpp"
#include "engine/socket_address.hpp"

namespace postern::engine {
namespace {

class UringKernelTest : public RealShardTest {
 protected:
    TemporaryDirectory place;
    const std::string& directory = place.path();
};

task<void> missing_file(std::string directory, Error* error) {
    auto file = co_await open_file(directory + "/absent", O_RDONLY);
    *error = file.error();
}

TEST_F(UringKernelTest, MissingFileIsNotFound) {
    Error error;
    run(missing_file(directory, &error));
    EXPECT_EQ(error.code, ErrorCode::not_found);
    EXPECT_EQ(error.system_errno, ENOENT);
}

task<Result<std::string>> write_and_read(std::string directory) {
    co_await try_(make_directories(directory + "/a/b"));
    co_await try_(replace_file(directory + "/a/b/file", "hello, disk"));
    co_await try_(link_file(directory + "/a/b/file", directory + "/a/second"));
    auto status = co_await try_(stat_file(directory + "/a/second"));
    if (status.links != 2) co_return fail_internal(ErrorCode::corrupt, "links");
    auto entries = co_await try_(list_directory(directory + "/a"));
    if (entries.size() != 2) co_return fail_internal(ErrorCode::corrupt, "entries");
    co_await try_(unlink_file(directory + "/a/b/file"));
    co_await try_(remove_directory(directory + "/a/b"));
    co_return co_await read_file(directory + "/a/second", 100);
}

task<void> keep(task<Result<std::string>> work, Result<std::string>* result) {
    *result = co_await std::move(work);
}

TEST_F(UringKernelTest, FilesAndDirectories) {
    Result<std::string> result;
    run(keep(write_and_read(directory), &result));
    ASSERT_TRUE(result) << result.error().what << name_of(result.error().code);
    EXPECT_EQ(*result, "hello, disk");
}

// Nothing of it where the file system has none: a tmpfs of before Linux 6.6.
task<void> check_attributes(std::string directory) {
    auto set = co_await set_attribute(directory, "user.postern.test", "");
    if (!set && set.error().system_errno == EOPNOTSUPP) co_return;
    for (std::size_t size : {0u, 1u, 100u, 3'000u}) {
        set = co_await set_attribute(directory, "user.postern.test", std::string(size, 'x'));
        EXPECT_TRUE(set) << size;
        auto value = co_await get_attribute(directory, "user.postern.test", 3'000);
        EXPECT_EQ(value.value_or("?"), std::string(size, 'x'));
    }
    auto value = co_await get_attribute(directory, "user.postern.test", 2'999);
    EXPECT_EQ(value.error().system_errno, ERANGE);
    value = co_await get_attribute(directory, "user.postern.absent", 10);
    EXPECT_EQ(value.error().code, ErrorCode::not_found);
    value = co_await get_attribute(directory + "/absent", "user.postern.test", 10);
    EXPECT_EQ(value.error().code, ErrorCode::not_found);
    set = co_await set_attribute(directory + "/absent", "user.postern.test", "x");
    EXPECT_EQ(set.error().code, ErrorCode::not_found);
}

TEST_F(UringKernelTest, AttributesOfADirectory) {
    run(check_attributes(directory));
}

// Whether the file system is one whose syncfs is believed, or not.
task<void> write_and_sync_all(std::string directory) {
    auto made = co_await write_file(directory + "/written", "content");
    EXPECT_TRUE(made);
    made = co_await write_file(directory + "/written", "again");
    EXPECT_EQ(made.error().code, ErrorCode::exists);
    made = co_await write_file(directory + "/absent/file", "content");
    EXPECT_EQ(made.error().code, ErrorCode::not_found);
    auto text = co_await read_file(directory + "/written", 100);
    EXPECT_EQ(text.value_or("?"), "content");
    auto file = co_await open_file(directory + "/written", O_RDONLY);
    auto synced = co_await sync_file_system(file->fd());
    EXPECT_TRUE(synced || synced.error().system_errno == EOPNOTSUPP);
    synced = co_await sync_file_system(-1);
    EXPECT_FALSE(synced);
}

TEST_F(UringKernelTest, WritesFilesAndSyncsAllOfThem) {
    run(write_and_sync_all(directory));
}

task<void> check_chains_that_fail(std::string directory) {
    auto made = co_await create_file(directory + "/file", "one");
    EXPECT_TRUE(made);
    made = co_await create_file(directory + "/file", "two");
    EXPECT_EQ(made.error().code, ErrorCode::exists);
    made = co_await create_file(directory + "/absent/file", "");
    EXPECT_EQ(made.error().code, ErrorCode::not_found);
    made = co_await create_file(directory + '/' + std::string(300, 'x'), "");
    EXPECT_EQ(made.error().system_errno, ENAMETOOLONG);
    auto synced = co_await sync_directory(directory + "/file");
    EXPECT_EQ(synced.error().system_errno, ENOTDIR);
    synced = co_await sync_directory(directory + "/absent");
    EXPECT_EQ(synced.error().code, ErrorCode::not_found);
    auto linked = co_await link_durably(directory + "/absent", directory + "/name");
    EXPECT_EQ(linked.error().code, ErrorCode::not_found);
    linked = co_await link_durably(directory + "/file", directory + "/file");
    EXPECT_EQ(linked.error().code, ErrorCode::exists);
    linked = co_await link_durably(directory + "/file", directory + "/name");
    EXPECT_TRUE(linked);
    auto kept = co_await read_file(directory + "/name", 100);
    EXPECT_EQ(kept.value_or(""), "one");
}

TEST_F(UringKernelTest, AChainEndsWithTheStepThatFails) {
    run(check_chains_that_fail(directory));
}

task<void> create_one(std::string path, Result<void>* result) {
    *result = co_await create_file(path, path);
}

// Every third is there already, or has no directory.
task<void> create_many(std::string directory, std::vector<Result<void>>* results) {
    std::vector<task<void>> works;
    for (std::size_t i = 0; i < results->size(); ++i) {
        std::string name = std::to_string(i - (i % 3 == 1 ? 1 : 0));
        if (i % 3 == 2) name = "absent/" + name;
        works.push_back(create_one(directory + '/' + name, &(*results)[i]));
    }
    co_await when_all(std::move(works));
    for (std::size_t i = 0; i < results->size(); i += 3) {
        std::string path = directory + '/' + std::to_string(i);
        auto content = co_await read_file(path, 1000);
        EXPECT_EQ(content.value_or(""), path);
    }
}

TEST_F(UringKernelTest, MoreChainsThanSlots) {
    std::vector<Result<void>> results(3 * chain_slots);
    run(create_many(directory, &results));
    for (std::size_t i = 0; i < results.size(); i += 3) {
        EXPECT_NE(results[i].has_value(), results[i + 1].has_value()) << i;  // in any order
        EXPECT_EQ(results[i + 2].error().code, ErrorCode::not_found);
    }
}

task<void> create_and_sync(std::string directory) {
    auto made = co_await create_file(directory + "/file", "content");
    EXPECT_TRUE(made);
    auto synced = co_await sync_directory(directory);
    EXPECT_TRUE(synced);
}

TEST_F(UringKernelTest, AChainCompletesOnce) {
    std::uint64_t before = kernel->counters().completions;
    run(create_and_sync(directory));
    EXPECT_EQ(kernel->counters().completions - before, 2u);
    EXPECT_EQ(kernel->counters().syncs, 2u);
}

task<void> create_limited(std::string path, std::string content, Error* error) {
    auto made = co_await create_file(path, content);
    *error = made ? Error{} : made.error();
}

// A write that comes back short ends the chain; the way around it says why.
TEST_F(UringKernelTest, AShortWriteIsTriedAgain) {
    auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
    rlimit small{10, usual.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    Error error;
    run(create_limited(directory + "/file", std::string(20, 'x'), &error));
    setrlimit(RLIMIT_FSIZE, &usual);
    std::signal(SIGXFSZ, before);
    EXPECT_EQ(error.system_errno, EFBIG);
    std::string other = directory + "/other";
    ASSERT_EQ(mkdir(other.c_str(), 0700), 0);
    run(create_and_sync(other));
}

task<void> offload_sum(int* sum) {
    for (int i = 1; i <= 100; ++i) {
        *sum += co_await offload([i] { return i; });
    }
}

TEST_F(UringKernelTest, OffloadBringsResultsBack) {
    int sum = 0;
    run(offload_sum(&sum));
    EXPECT_EQ(sum, 5050);
}

task<void> wait_readable(int fd, MonotonicTime deadline, Error* error) {
    Submit op(OpCode::poll, "poll", deadline);
    op.fd = fd;
    op.flags = POLLIN;
    auto result = co_await std::move(op);
    *error = result ? Error{} : result.error();
}

TEST_F(UringKernelTest, DeadlineCutsAnOperationShort) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    Error error;
    run(wait_readable(ends[0], kernel->now() + milliseconds(20), &error));
    EXPECT_EQ(error.code, ErrorCode::timed_out);
    close(ends[0]);
    close(ends[1]);
}

// A child process in which io_uring_setup fails as on a kernel without it, prints what the daemon
// would say.
[[noreturn]] void create_where_setup_fails(unsigned system_errno) {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | system_errno),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog filter{std::size(program), program};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
    auto made = UringKernel::create({});
    if (made) _exit(0);
    std::fprintf(stderr, "%s\n", made.error().c_str());
    _exit(1);
}

TEST(UringKernel, AKernelWithoutIoUringIsSaidInWords) {
    auto refused = testing::ExitedWithCode(1);
    EXPECT_EXIT(create_where_setup_fails(ENOSYS), refused, "has no io_uring; .*Linux 6.1 or newer");
    EXPECT_EXIT(create_where_setup_fails(EPERM), refused, "switched off .*io_uring_disabled");
    EXPECT_EXIT(create_where_setup_fails(EINVAL), refused, "too old: .*Linux 6.1 or newer");
}

// Every shard calls every other; the sums come back.
task<void> call_everyone(Shard& shard, std::atomic<unsigned>* answers) {
    for (unsigned round = 0; round < 200; ++round) {
        for (unsigned target = 0; target < shard.shard_count(); ++target) {
            auto where = [](unsigned want) -> task<unsigned> {
                EXPECT_EQ(Shard::current().id(), want);
                co_return want;
            };
            unsigned got = co_await call_on(target, [&] { return where(target); });
            EXPECT_EQ(got, target);
            ++*answers;
        }
    }
}

task<void> call_then_stop(Shard& shard, std::atomic<unsigned>* answers,
                          std::atomic<unsigned>* running) {
    co_await call_everyone(shard, answers);
    if (--*running == 0) {
        for (unsigned target = 0; target < shard.shard_count(); ++target) {
            auto stop = []() -> task<void> {
                Shard::current().stop();
                co_return;
            };
            co_await call_on(target, [&] { return stop(); });
        }
    }
}

TEST(ShardGroup, ShardsCallEachOther) {
    std::atomic<unsigned> answers{0};
    std::atomic<unsigned> running{3};
    ShardGroupOptions options;
    options.shard_count = 3;
    auto failure = run_shards(
        options, [&](Shard& shard) { return call_then_stop(shard, &answers, &running); });
    EXPECT_FALSE(failure) << *failure;
    EXPECT_EQ(answers, 3u * 3u * 200u);
}

}  // namespace
}  // namespace postern::engine
