// The desk: two lists without locks and two kinds of eventfd; see errand.hpp. A shard writes and
// reads them through its ring, the threads with system calls.
#include "engine/errand.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>
#include <cstdint>

#include "engine/io.hpp"
#include "engine/shard.hpp"

namespace postern::engine {
namespace {

constexpr std::uint64_t one = 1;

// True when the list was empty.
bool push(std::atomic<Errand*>& list, Errand* errand, Errand*& next) {
    Errand* head = list.load(std::memory_order_relaxed);
    do {
        next = head;
    } while (!list.compare_exchange_weak(head, errand, std::memory_order_release,
                                         std::memory_order_relaxed));
    return head == nullptr;
}

void ring(int event_fd) {
    [[maybe_unused]] auto written = write(event_fd, &one, sizeof one);
}

}  // namespace

ErrandDesk::ErrandDesk(unsigned shard_count) : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    for (unsigned i = 0; i < shard_count; ++i) {
        parts_.push_back(std::make_unique<Part>());
        parts_.back()->done_fd = eventfd(0, EFD_CLOEXEC);
    }
}

ErrandDesk::~ErrandDesk() {
    for (auto& part : parts_) {
        assert(part->out == 0);
        close(part->done_fd);
    }
    close(wake_fd_);
}

Errand* ErrandDesk::oldest_first(Errand* newest_first) {
    Errand* first = nullptr;
    while (newest_first != nullptr) {
        Errand* next = newest_first->next_;
        newest_first->next_ = first;
        first = newest_first;
        newest_first = next;
    }
    return first;
}

// ---- on a shard ---------------------------------------------------------------------------------

task<Result<void>> ErrandDesk::wake_from_shard() {
    Submit op(OpCode::write, "wake a thread");
    op.fd = wake_fd_;
    op.data = reinterpret_cast<const char*>(&one);
    op.length = sizeof one;
    co_await try_(std::move(op));
    co_return {};
}

task<Result<std::unique_ptr<Errand>>> ErrandDesk::run(std::unique_ptr<Errand> errand,
                                                      MonotonicTime deadline) {
    const unsigned shard = Shard::current().id();
    Part& part = *parts_[shard];
    if (part.out >= errands_max) co_return fail_internal(ErrorCode::exhausted, "too many errands");
    Event done;
    Errand* out = errand.release();
    out->shard_ = shard;
    out->waiter_ = &done;
    ++part.out;
    if (!part.pumping) {
        part.pumping = true;
        Shard::current().root().spawn(pump(&part));
    }
    if (push(incoming_, out, out->next_)) co_await wake_from_shard();
    auto waited = co_await done.wait(deadline);
    if (waited) co_return std::unique_ptr<Errand>(out);
    out->waiter_ = nullptr;
    out->abandoned_.store(true, std::memory_order_relaxed);
    co_await wake_from_shard();
    co_return Failure(waited.error());
}

// Runs while something is out. Not to be cut short: reading an eventfd is no wait on a peer, and
// what was abandoned comes back too.
task<void> ErrandDesk::pump(Part* part) {
    while (part->out > 0) {
        std::uint64_t count = 0;
        Submit op(OpCode::read, "read what is done");
        op.fd = part->done_fd;
        op.memory = reinterpret_cast<char*>(&count);
        op.length = sizeof count;
        co_await std::move(op);
        ErrandList back(oldest_first(part->done.exchange(nullptr, std::memory_order_acquire)));
        while (Errand* errand = back.pop()) {
            --part->out;
            if (errand->waiter_ != nullptr) {
                errand->waiter_->set();
            } else {
                delete errand;
            }
        }
    }
    part->pumping = false;
}

// ---- on the threads -----------------------------------------------------------------------------

ErrandList ErrandDesk::take() {
    std::uint64_t count = 0;
    [[maybe_unused]] auto got = read(wake_fd_, &count, sizeof count);
    return ErrandList(oldest_first(incoming_.exchange(nullptr, std::memory_order_acquire)));
}

void ErrandDesk::give_back(Errand* errand) {
    Part& part = *parts_[errand->shard_];
    if (push(part.done, errand, errand->next_)) ring(part.done_fd);
}

void ErrandDesk::wake() {
    ring(wake_fd_);
}

}  // namespace postern::engine
