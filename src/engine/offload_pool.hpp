// The offload pool of one shard: a few threads for what has no ring operation (reading a directory,
// SQLite) or burns CPU (password hashing). The shard hands jobs in and takes results out by atomic
// exchange alone, so that it never waits for a pool thread; it is woken through an eventfd that its
// ring reads. Pool threads share a lock among themselves.
#pragma once

#include <atomic>
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

    Operation* take_next();

    int event_fd_ = -1;
    std::atomic<Operation*> incoming_{nullptr};  // newest first, linked by Operation::scratch
    std::atomic<unsigned> waiting_{0};           // pushed and not yet taken
    std::atomic<unsigned> signal_{0};
    std::atomic<bool> ending_{false};
    std::atomic<Operation*> done_{nullptr};
    std::mutex queue_mutex_;        // among pool threads
    std::deque<Operation*> queue_;  // taken from incoming_, oldest first
    std::vector<std::thread> threads_;
};

}  // namespace postern::engine
