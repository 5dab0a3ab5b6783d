// The offload pool of one shard: a few threads for what has no ring operation (reading a directory,
// SQLite) or burns CPU (password hashing). The shard hands jobs in and is woken through an eventfd
// that its ring reads; the lock inside is shared only between a shard and its own pool.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/operation.hpp"

namespace postern::engine {

class OffloadPool {
 public:
    explicit OffloadPool(unsigned threads);
    ~OffloadPool();  // finishes what is queued
    OffloadPool(const OffloadPool&) = delete;
    OffloadPool& operator=(const OffloadPool&) = delete;

    // False: the queue is full (offload_queue_max). The pool runs operation.job->run() and puts the
    // operation on the done list.
    bool push(Operation& operation);

    // Becomes readable (eight bytes) when the done list was empty and is not any more.
    int event_fd() const { return event_fd_; }
    // All that is done, oldest first, linked by Operation::scratch; null when there is none.
    Operation* take_done();

 private:
    void work();

    int event_fd_ = -1;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Operation*> queue_;
    bool ending_ = false;
    std::atomic<Operation*> done_{nullptr};
    std::vector<std::thread> threads_;
};

}  // namespace postern::engine
