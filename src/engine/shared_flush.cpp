// Flushes that shards share; see shared_flush.hpp.
#include "engine/shared_flush.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace postern::engine {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// From here on it pays to wait for more: quicker flushes are no cheaper for being fewer (ADR 6).
constexpr nanoseconds long_flush{4'000'000};
constexpr long xfs_magic = 0x58465342;  // not in linux/magic.h
constexpr int pause_share = 8;          // of a long flush
constexpr nanoseconds pause_max{10'000'000};

nanoseconds pause_after(nanoseconds flush) {
    return flush < long_flush ? nanoseconds(0) : std::min(flush / pause_share, pause_max);
}

}  // namespace

bool has_durable_syncfs(int fd) {
    struct statfs status{};
    if (fstatfs(fd, &status) != 0) return false;
    return status.f_type == EXT4_SUPER_MAGIC || status.f_type == xfs_magic ||
           status.f_type == BTRFS_SUPER_MAGIC || status.f_type == F2FS_SUPER_MAGIC;
}

SharedFlush& SharedFlush::of_process() {
    static SharedFlush flush([](int fd) { return syncfs(fd) == 0 ? 0 : -errno; });
    return flush;
}

std::uint64_t SharedFlush::begin() {
    std::lock_guard lock(mutex_);
    return failures_;
}

int SharedFlush::result_for(std::uint64_t begun) const {
    return failures_ == begun ? 0 : last_failure_;
}

SharedFlush::Outcome SharedFlush::flush(int fd, std::uint64_t device, std::uint64_t begun) {
    std::unique_lock lock(mutex_);
    Device& state = devices_[device];
    const std::uint64_t ticket = ++state.asked;
    ended_.wait(lock, [&] { return state.covered >= ticket || !state.is_flushing; });
    if (state.covered >= ticket) return {result_for(begun), false};
    state.is_flushing = true;
    if (state.pause.count() > 0) {
        lock.unlock();
        std::this_thread::sleep_for(state.pause);
        lock.lock();
    }
    const std::uint64_t covers = state.asked;
    lock.unlock();
    const auto began = steady_clock::now();
    const int result = flush_(fd);
    const nanoseconds took = steady_clock::now() - began;
    lock.lock();
    state.pause = pause_after(took);
    state.is_flushing = false;
    state.covered = covers;
    if (result != 0) {
        ++failures_;
        last_failure_ = result;
    }
    ended_.notify_all();
    return {result_for(begun), true};
}

}  // namespace postern::engine
