// The loop; see shard.hpp.
#include "engine/shard.hpp"

namespace postern::engine {
namespace {

thread_local Shard* current_shard = nullptr;

task<void> run_and_flag(task<void> work, bool* done) {
    co_await std::move(work);
    *done = true;
}

}  // namespace

void schedule(std::coroutine_handle<> handle) {
    Shard::current().make_ready(handle);
}

Shard::Shard(unsigned id, unsigned shard_count, Kernel& kernel)
    : id_(id), shard_count_(shard_count), kernel_(kernel), now_(kernel.now()), timers_(now_) {
    assert(id < shard_count && shard_count <= shards_max);
}

Shard::~Shard() {
    free_graves();
}

Shard& Shard::current() {
    assert(current_shard != nullptr);
    return *current_shard;
}

bool Shard::has_current() {
    return current_shard != nullptr;
}

Shard::Enter::Enter(Shard& shard) : before_(std::exchange(current_shard, &shard)) {}
Shard::Enter::~Enter() {
    current_shard = before_;
}

void Shard::free_graves() {
    while (!graves_.empty()) {
        Grave grave = graves_.back();
        graves_.pop_back();
        grave.destroy(grave.what);
    }
}

// What becomes ready meanwhile runs too, so that passing on inside the shard enters no kernel; not
// for ever, because peers wait.
void Shard::run_ready() {
    now_ = kernel_.now();
    timers_.advance(now_);
    for (unsigned round = 0; round < ready_rounds_max && !ready_.empty(); ++round) {
        std::swap(ready_, running_);
        for (std::size_t i = 0; i < running_.size(); ++i) running_[i].resume();
        running_.clear();
        free_graves();
    }
}

void Shard::turn(MonotonicTime limit) {
    Enter enter(*this);
    MonotonicTime deadline = std::min(limit, timers_.next_deadline());
    if (!ready_.empty()) deadline = now_;
    kernel_.run_once(deadline);
    run_ready();
}

void Shard::run() {
    while (!stopping_ || root_.size() > 0 || !ready_.empty() || has_background()) turn(never);
    turn(MonotonicTime{});  // submits the last messages
}

void run_to_end(Shard& shard, task<void> work) {
    Shard::Enter enter(shard);
    bool done = false;
    shard.root().spawn(run_and_flag(std::move(work), &done));
    while (!done || shard.has_background()) shard.turn(never);
    shard.turn(MonotonicTime{});
}

}  // namespace postern::engine
