// Pool threads; see offload_pool.hpp.
#include "engine/offload_pool.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>

#include "engine/limits.hpp"

namespace postern::engine {

OffloadPool::OffloadPool(unsigned threads) : event_fd_(eventfd(0, EFD_CLOEXEC)) {
    // Signals are for shard 0's signalfd: pool threads block them all.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

OffloadPool::~OffloadPool() {
    ending_.store(true);
    signal_.fetch_add(1);
    signal_.notify_all();
    for (auto& thread : threads_) thread.join();
    close(event_fd_);
}

bool OffloadPool::push(Operation& operation) {
    if (waiting_.fetch_add(1, std::memory_order_relaxed) >= offload_queue_max) {
        waiting_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    Operation* head = incoming_.load(std::memory_order_relaxed);
    do {
        operation.scratch = head;
    } while (!incoming_.compare_exchange_weak(head, &operation, std::memory_order_release,
                                              std::memory_order_relaxed));
    signal_.fetch_add(1);
    signal_.notify_one();
    return true;
}

// The oldest job, or null.
Operation* OffloadPool::take_next() {
    std::lock_guard lock(queue_mutex_);
    if (queue_.empty()) {
        Operation* newest_first = incoming_.exchange(nullptr, std::memory_order_acquire);
        for (; newest_first != nullptr;
             newest_first = static_cast<Operation*>(newest_first->scratch)) {
            queue_.push_front(newest_first);
        }
    }
    if (queue_.empty()) return nullptr;
    Operation* operation = queue_.front();
    queue_.pop_front();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return operation;
}

void OffloadPool::work() {
    for (;;) {
        unsigned seen = signal_.load();
        bool ending = ending_.load();
        Operation* operation = take_next();
        if (operation == nullptr) {
            if (ending) return;
            signal_.wait(seen);
            continue;
        }
        operation->job->run();
        Operation* head = done_.load(std::memory_order_relaxed);
        do {
            operation->scratch = head;
        } while (!done_.compare_exchange_weak(head, operation, std::memory_order_release,
                                              std::memory_order_relaxed));
        if (head == nullptr) {
            const std::uint64_t one = 1;
            [[maybe_unused]] auto written = write(event_fd_, &one, sizeof one);
        }
    }
}

Operation* OffloadPool::take_done() {
    Operation* list = done_.exchange(nullptr, std::memory_order_acquire);
    Operation* oldest_first = nullptr;
    while (list != nullptr) {
        auto* next = static_cast<Operation*>(list->scratch);
        list->scratch = oldest_first;
        oldest_first = list;
        list = next;
    }
    return oldest_first;
}

}  // namespace postern::engine
