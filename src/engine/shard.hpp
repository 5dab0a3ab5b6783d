// Shard: one core's event loop. It owns one Kernel (its ring), one timer wheel, the ready queue and
// the root scope of all its tasks. Shards share no mutable state; they talk by messages.
// A turn: submit, wait, collect completions, fire timers, resume what is ready.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/kernel.hpp"
#include "engine/scope.hpp"
#include "engine/suspension.hpp"
#include "engine/task.hpp"
#include "engine/timer_wheel.hpp"

namespace postern::engine {

class Shard {
 public:
    Shard(unsigned id, unsigned shard_count, Kernel& kernel);
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();

    // The shard whose code is running on this thread.
    static Shard& current();
    static bool has_current();
    // Makes a shard current for a block; the simulator runs many on one thread.
    class Enter {
     public:
        explicit Enter(Shard& shard);
        ~Enter();
        Enter(const Enter&) = delete;
        Enter& operator=(const Enter&) = delete;

     private:
        Shard* before_;
    };

    unsigned id() const { return id_; }
    unsigned shard_count() const { return shard_count_; }
    Kernel& kernel() { return kernel_; }
    TimerWheel& timers() { return timers_; }
    Scope& root() { return root_; }
    MonotonicTime now() const { return now_; }  // as of this turn's start

    void make_ready(std::coroutine_handle<> handle) { ready_.push_back(handle); }
    void bury(void (*destroy)(void*), void* grave) { graves_.push_back({destroy, grave}); }

    // Operations that outlive the task which began them (closing a descriptor nobody waits for):
    // the shard goes on turning until they have ended.
    void begin_background() { ++background_; }
    void end_background() { --background_; }

    // One turn; waits at most until `limit`. The simulator passes a limit in the past.
    void turn(MonotonicTime limit);
    // Fires timers and resumes until nothing is ready; does not touch the kernel interface.
    void run_ready();
    bool has_ready() const { return !ready_.empty(); }
    // Turns until stop(), then until the root scope is empty and nothing goes on in the background.
    void run();
    void stop() { stopping_ = true; }
    bool has_background() const { return background_ > 0; }

 private:
    struct Grave {
        void (*destroy)(void*);
        void* what;
    };
    void free_graves();

    unsigned id_;
    unsigned shard_count_;
    Kernel& kernel_;
    MonotonicTime now_;
    TimerWheel timers_;
    Scope root_;
    std::vector<std::coroutine_handle<>> ready_;
    std::vector<std::coroutine_handle<>> running_;
    std::vector<Grave> graves_;
    unsigned background_ = 0;
    bool stopping_ = false;
};

// Runs `work` on a fresh scope of this shard until it ends, turning the shard meanwhile. For
// program starts, tools and tests; never inside a task.
void run_to_end(Shard& shard, task<void> work);

namespace detail {

// Waits for the answer to a call on another shard. Cannot be cut short: the other shard works on
// memory that lives in this coroutine's frame.
template <class T>
class RemoteCall final : public Suspension, public Message {
 public:
    using value_type = T;
    using Start = task<T> (*)(void* callable);
    RemoteCall(unsigned target, Start start, void* callable)
        : target_(target), start_(start), callable_(callable) {}

    bool start() override {
        Shard& shard = Shard::current();
        origin_ = shard.id();
        deliver = [](Message& message) {
            auto& self = static_cast<RemoteCall&>(message);
            Shard::current().root().spawn(run(&self));
        };
        shard.kernel().send_message(target_, *this);
        return true;
    }
    void cancel() override {}
    T take() {
        if constexpr (!std::is_void_v<T>) return std::move(*result_);
    }

 private:
    static task<void> run(RemoteCall* self) {
        if constexpr (std::is_void_v<T>) {
            co_await self->start_(self->callable_);
        } else {
            self->result_.emplace(co_await self->start_(self->callable_));
        }
        self->deliver = [](Message& message) { static_cast<RemoteCall&>(message).complete(); };
        Shard::current().kernel().send_message(self->origin_, *self);
    }

    unsigned target_;
    unsigned origin_ = 0;
    Start start_;
    void* callable_;
    std::optional<std::conditional_t<std::is_void_v<T>, char, T>> result_;
};

template <class F>
struct Post final : Message {
    F call;
    explicit Post(F f) : call(std::move(f)) {}
};

}  // namespace detail

// Runs `call()` on another shard, some time soon, and does not wait. For handing a thing over: what
// `call` captured is moved there and destroyed there.
template <class F>
void post_to(unsigned shard, F call) {
    auto* post = new detail::Post<F>(std::move(call));
    post->deliver = [](Message& message) {
        auto* self = static_cast<detail::Post<F>*>(&message);
        self->call();
        delete self;
    };
    Shard::current().kernel().send_message(shard, *post);
}

// The same, but at once where this very shard is meant.
template <class F>
void run_at(unsigned shard, F call) {
    if (shard == Shard::current().id()) {
        call();
    } else {
        post_to(shard, std::move(call));
    }
}

// Runs `make()` (which returns a task<T>) on another shard and brings its result back:
//     auto outcome = co_await call_on(home, [&] { return store.deliver(request); });
// The callable and what it refers to stay on this shard, suspended, until the answer is here. On
// this very shard it is an ordinary await.
template <class F, class Task = std::invoke_result_t<F&>>
Task call_on(unsigned shard, F make) {
    using T = typename Task::value_type;
    if (shard == Shard::current().id()) co_return co_await make();
    detail::RemoteCall<T> call(
        shard, [](void* callable) { return (*static_cast<F*>(callable))(); }, &make);
    if constexpr (std::is_void_v<T>) {
        co_await std::move(call);
    } else {
        auto result = co_await std::move(call);
        co_return std::move(*result);
    }
}

}  // namespace postern::engine
