// Suspension: what every leaf await is. A leaf is the bottom of a chain of tasks: an operation of
// the kernel, an event, a timer. It registers itself in the chain's TaskContext while it waits, so
// that cancelling a scope reaches it, and it completes exactly once, by way of the ready queue.
//
// A leaf type L derives from Suspension and gives: `using value_type`, `bool start()` (false: it is
// already complete, nothing was suspended), `value_type take()` unless void, and `cancel()`.
#pragma once

#include <coroutine>

#include "base/error.hpp"
#include "engine/task.hpp"

namespace postern::engine {

class Suspension {
 public:
    using EndOnFailure = std::coroutine_handle<> (*)(std::coroutine_handle<> awaiting,
                                                     const Error&);

    Suspension() = default;
    Suspension(const Suspension&) = delete;  // awaited where it lies
    Suspension& operator=(const Suspension&) = delete;
    virtual ~Suspension() = default;

    // The scope is being cancelled. The leaf completes soon with ErrorCode::cancelled, or goes on
    // to its end where cutting it short would leave a file in an unknown state.
    virtual void cancel() = 0;
    // The scope is draining: what waits for a peer's next command completes as cancelled, while
    // sending, and reading the rest of what was begun, goes on.
    virtual void drain() {}

    bool failed() const { return failed_; }
    const Error& error() const { return error_; }
    void end_on_failure(EndOnFailure end) { end_ = end; }

    // True: suspended, complete() will follow. False: complete already.
    bool begin(TaskContext* context, std::coroutine_handle<> handle) {
        assert(context != nullptr && context->waiting == nullptr);
        context_ = context;
        handle_ = handle;
        if (!start()) return false;
        context_->waiting = this;
        return true;
    }

 protected:
    virtual bool start() = 0;

    void set_failed(const Error& error) {
        failed_ = true;
        error_ = error;
    }

    // Wakes the awaiting coroutine at the ready queue's next turn.
    void complete() {
        assert(context_->waiting == this);
        context_->waiting = nullptr;
        std::coroutine_handle<> next = handle_;
        if (failed_ && end_ != nullptr) next = end_(handle_, error_);
        schedule(next);
    }

    bool is_cancelled() const { return context_->cancelled; }
    bool is_draining() const { return context_->draining; }
    bool is_waiting() const { return context_ != nullptr && context_->waiting == this; }

 private:
    TaskContext* context_ = nullptr;
    std::coroutine_handle<> handle_;
    EndOnFailure end_ = nullptr;
    Error error_;
    bool failed_ = false;
};

}  // namespace postern::engine
