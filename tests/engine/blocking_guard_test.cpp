// The guard lets a shard work and ends a thread that blocks: both in a process of their own.
#include "engine/blocking_guard.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "engine/uring_kernel.hpp"

// The sanitizers' runtime makes system calls of its own on every thread.
#if defined(__SANITIZE_ADDRESS__)
#define POSTERN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POSTERN_SANITIZED 1
#endif
#endif

namespace postern::engine {
namespace {

[[noreturn]] void block_under_guard() {
    forbid_blocking_calls();
    char byte = 0;
    [[maybe_unused]] auto count = read(0, &byte, 1);
    _exit(0);
}

task<void> use_files(bool* worked) {
    auto entries = co_await list_directory("/");
    auto text = co_await read_file("/etc/passwd", 1U << 20);
    co_await sleep_until(Shard::current().kernel().now() + milliseconds(5));
    auto here = co_await open_file("/etc/passwd", O_RDONLY);
    const bool has_room = here && Shard::current().kernel().free_bytes(here->fd()) > 0;
    *worked = entries && text && has_room;
}

[[noreturn]] void work_under_guard() {
    auto kernel = UringKernel::create({});
    Shard shard(0, 1, **kernel);
    if (forbid_blocking_calls()) _exit(2);
    bool worked = false;
    run_to_end(shard, use_files(&worked));
    _exit(worked ? 0 : 1);
}

TEST(BlockingGuard, ABlockingCallEndsTheProcess) {
    EXPECT_EXIT(block_under_guard(), testing::KilledBySignal(SIGSYS), "");
}

TEST(BlockingGuard, TheEngineNeedsNoBlockingCall) {
#ifdef POSTERN_SANITIZED
    GTEST_SKIP() << "the sanitizer's own system calls would end the process";
#endif
    EXPECT_EXIT(work_under_guard(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace postern::engine
