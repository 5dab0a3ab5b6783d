// Errands: work that a shard gives to a thread which is no shard's, because a library waits there
// in its own way (libunbound, libcurl). Unlike a job of the offload pool an errand may take long:
// the thread has many at once. A desk joins the shards with the thread (or threads) that serve it;
// the shard's side never blocks, and an errand that nobody waits for any more is called back.
// The desk and its threads are made before the shards run and outlive them.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "engine/event.hpp"
#include "engine/task.hpp"

namespace postern::engine {

class ErrandDesk;

inline constexpr std::size_t errands_max = 4096;  // of one shard, on one desk

// Derive from it; what the thread reads and writes are members. While an errand is out only the
// thread touches those.
class Errand {
 public:
    virtual ~Errand() = default;
    // The thread should give it back as soon as it can, whatever came of it.
    bool is_abandoned() const { return abandoned_.load(std::memory_order_relaxed); }

 private:
    friend class ErrandDesk;
    friend class ErrandList;
    Errand* next_ = nullptr;
    unsigned shard_ = 0;
    Event* waiter_ = nullptr;  // the shard's
    std::atomic<bool> abandoned_{false};
};

// Errands handed over in one go, oldest first. Does not own them.
class ErrandList {
 public:
    explicit ErrandList(Errand* first) : first_(first) {}
    // Null at the end.
    Errand* pop() {
        Errand* errand = first_;
        if (errand != nullptr) first_ = errand->next_;
        return errand;
    }

 private:
    Errand* first_;
};

class ErrandDesk {
 public:
    explicit ErrandDesk(unsigned shard_count);
    ~ErrandDesk();
    ErrandDesk(const ErrandDesk&) = delete;
    ErrandDesk& operator=(const ErrandDesk&) = delete;

    // ---- on a shard --------------------------------------------------------------------------
    // Hands the errand out and waits until it is back. timed_out or cancelled: it was abandoned;
    // exhausted: errands_max of this shard are out already, nothing was begun.
    task<Result<std::unique_ptr<Errand>>> run(std::unique_ptr<Errand> errand,
                                              MonotonicTime deadline);

    // ---- on the threads ----------------------------------------------------------------------
    // Readable when there are new errands, or one that is out was abandoned, or after wake().
    int wake_fd() const { return wake_fd_; }
    // All that are new, and quietens wake_fd.
    ErrandList take();
    void give_back(Errand* errand);
    void wake();  // from anywhere but a shard

 private:
    struct Part {  // of one shard
        std::atomic<Errand*> done{nullptr};
        int done_fd = -1;
        std::size_t out = 0;
        bool pumping = false;
    };
    static Errand* oldest_first(Errand* newest_first);
    task<void> pump(Part* part);
    task<Result<void>> wake_from_shard();

    std::atomic<Errand*> incoming_{nullptr};
    int wake_fd_ = -1;
    std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace postern::engine
