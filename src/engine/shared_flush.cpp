// Flushes that shards share; see shared_flush.hpp.
#include "engine/shared_flush.hpp"

#include <unistd.h>

#include <cerrno>

namespace postern::engine {

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
    const std::uint64_t covers = state.asked;
    lock.unlock();
    const int result = flush_(fd);
    lock.lock();
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
