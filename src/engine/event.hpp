// Leaves that wait for something inside the shard: Event (one waiter, remembers being set), Sleep,
// and Mutex (first come, first served), for sections that must not interleave across a co_await.
// All belong to one shard. Waiting for an Event or a Sleep fails with timed_out or cancelled;
// waiting for a Mutex never fails, because what it guards are file operations that always end.
#pragma once

#include <utility>

#include "base/time.hpp"
#include "engine/suspension.hpp"
#include "engine/timer_wheel.hpp"

namespace postern::engine {

// What a wait does when its scope drains (orderly shutdown): goes on until the scope is cancelled,
// ends at once, or not even a cancel ends it (for one's own operation to settle).
enum class WhenDraining : unsigned char { goes_on, ends, settles };

class Event {
 public:
    class Wait;

    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { assert(waiter_ == nullptr); }

    void set();
    void clear() { is_set_ = false; }
    bool is_set() const { return is_set_; }
    bool has_waiter() const { return waiter_ != nullptr; }

    // Completes when set, and takes the set state with it.
    Wait wait(MonotonicTime deadline = never, WhenDraining when = WhenDraining::goes_on);

 private:
    Wait* waiter_ = nullptr;
    bool is_set_ = false;
};

class Event::Wait final : public Suspension, private Timer {
 public:
    using value_type = void;
    Wait(Event* event, MonotonicTime deadline, WhenDraining when) : when_(when), event_(event) {
        expiry = deadline;
    }

    bool start() override;
    void cancel() override {
        if (when_ != WhenDraining::settles) end(ErrorCode::cancelled, "wait cancelled");
    }
    void drain() override {
        if (when_ == WhenDraining::ends) cancel();
    }

 private:
    friend class Event;
    void end(ErrorCode code, const char* what);
    void wake();

    WhenDraining when_;
    Event* event_;
};

inline Event::Wait Event::wait(MonotonicTime deadline, WhenDraining when) {
    return Wait(this, deadline, when);
}

// Waits until a time. Fails only when cancelled.
class Sleep final : public Suspension, private Timer {
 public:
    using value_type = void;
    explicit Sleep(MonotonicTime until) { expiry = until; }

    bool start() override;
    void cancel() override;
    void drain() override { cancel(); }
};
inline Sleep sleep_until(MonotonicTime until) {
    return Sleep(until);
}

class Mutex {
 public:
    class Lock;
    class Guard;

    Mutex() = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;
    ~Mutex() { assert(!held_ && first_ == nullptr); }

    Lock lock();  // Mutex::Guard guard = co_await try_(mutex.lock());
    bool held() const { return held_; }

 private:
    void release();
    Lock* first_ = nullptr;
    Lock* last_ = nullptr;
    bool held_ = false;
};

class Mutex::Guard {
 public:
    explicit Guard(Mutex* mutex) : mutex_(mutex) {}
    Guard(Guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard() { unlock(); }
    void unlock() {
        if (mutex_ != nullptr) std::exchange(mutex_, nullptr)->release();
    }

 private:
    Mutex* mutex_;
};

class Mutex::Lock final : public Suspension {
 public:
    using value_type = Guard;
    explicit Lock(Mutex* mutex) : mutex_(mutex) {}

    bool start() override;
    Guard take() { return Guard(mutex_); }
    void cancel() override {}

 private:
    friend class Mutex;
    Mutex* mutex_;
    Lock* next_ = nullptr;
};

inline Mutex::Lock Mutex::lock() {
    return Lock(this);
}

}  // namespace postern::engine
