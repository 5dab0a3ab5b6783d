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
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
    close(event_fd_);
}

bool OffloadPool::push(Operation& operation) {
    {
        std::lock_guard lock(mutex_);
        if (queue_.size() >= offload_queue_max) return false;
        queue_.push_back(&operation);
    }
    wake_.notify_one();
    return true;
}

void OffloadPool::work() {
    for (;;) {
        Operation* operation = nullptr;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
            if (queue_.empty()) return;
            operation = queue_.front();
            queue_.pop_front();
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
