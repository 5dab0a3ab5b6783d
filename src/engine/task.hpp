// task<T>: the one coroutine type of Postern. Lazy, structured, single-threaded: a task starts when
// it is awaited (or spawned in a Scope), runs on the shard that started it, and its frame lives in
// its awaiter. Expected failures are values; inside a task<Result<T>>
//
//     auto line = co_await try_(stream.read_line(line_bytes_max, deadline));
//
// awaits, and on failure ends this coroutine with that error, running its destructors: no macro, no
// exception. try_ takes a task<Result<U>>, a leaf (suspension.hpp) or a plain Result<U>.
//
// How it stays off the stack: an awaited child runs inside the awaiter's await_suspend; when it
// ends without suspending, the awaiter simply goes on, so a loop of ten thousand commands that
// never block needs no stack, even unoptimised. A child that ends later transfers to its awaiter.
//
// Traps of GCC 12 that callers avoid: no temporaries that own something in a brace-initialised
// argument of an awaited call; no capturing lambda coroutine that outlives its lambda; coroutine
// parameters by value unless the call is awaited in the same expression.
#pragma once

#include <cassert>
#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/error.hpp"

namespace postern::engine {

class Suspension;

// One a spawned task and all that it awaits: a chain has at most one leaf suspended at a time.
struct TaskContext {
    Suspension* waiting = nullptr;
    bool draining = false;   // no new command is read
    bool cancelled = false;  // nothing that waits on a peer goes on
};

// Puts a coroutine on the current shard's ready queue (shard.cpp).
void schedule(std::coroutine_handle<> handle);

template <class T>
class task;

template <class T>
concept LeafType = std::derived_from<T, Suspension>;

template <class T>
struct Try {
    T inner;
};

template <class T>
Try<std::remove_cvref_t<T>> try_(T&& inner) {
    return {std::forward<T>(inner)};
}
// A leaf is awaited where it lies: in the awaiting frame, once.
template <LeafType L>
Try<L&&> try_(L&& leaf) {
    return {std::move(leaf)};
}

namespace detail {

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

// The promise of a coroutine whose type the asking code knows and the handle has forgotten.
template <class P>
P& promise_of(std::coroutine_handle<> handle) {
    return std::coroutine_handle<P>::from_address(handle.address()).promise();
}

// Every frame of an idle session holds one: keep it small.
struct PromiseBase {
    TaskContext* context = nullptr;
    std::coroutine_handle<> awaiter;  // resumed when this task has ended
    // Set by try_: looks at the outcome and answers who runs next.
    std::coroutine_handle<> (*route)(PromiseBase&) = nullptr;
    bool inside_awaiter = false;  // running within the awaiter's await_suspend
    bool finished = false;
    bool has_value = false;

    std::coroutine_handle<> finish() {
        finished = true;
        if (inside_awaiter) return std::noop_coroutine();
        return route != nullptr ? route(*this) : awaiter;
    }

    // Ends a coroutine that stays suspended where it is; its awaiter destroys the frame.
    void finish_early() {
        finished = true;
        if (!inside_awaiter) schedule(route != nullptr ? route(*this) : awaiter);
    }

    static std::suspend_always initial_suspend() noexcept { return {}; }

    struct FinalSuspend {
        static bool await_ready() noexcept { return false; }
        template <class P>
        static std::coroutine_handle<> await_suspend(std::coroutine_handle<P> handle) noexcept {
            return handle.promise().finish();
        }
        static void await_resume() noexcept {}
    };
    static FinalSuspend final_suspend() noexcept { return {}; }
    [[noreturn]] static void unhandled_exception() noexcept { std::terminate(); }
};

// Runs a child inside the awaiter. True: the awaiter stays suspended.
template <class Child, class Parent>
bool start_child(Child& child, std::coroutine_handle<Parent> parent) {
    auto& promise = child.handle_.promise();
    promise.context = parent.promise().context;
    promise.awaiter = parent;
    promise.inside_awaiter = true;
    child.handle_.resume();
    promise.inside_awaiter = false;
    return !promise.finished;
}

template <class T>
struct TaskAwait {
    task<T> child;
    static bool await_ready() noexcept { return false; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> parent) {
        return start_child(child, parent);
    }
    T await_resume() { return child.take(); }
};

template <class U>
struct TryTaskAwait {
    task<Result<U>> child;
    static bool await_ready() noexcept { return false; }

    template <class P>
    static std::coroutine_handle<> route(PromiseBase& base) {
        auto& promise = static_cast<typename task<Result<U>>::promise_type&>(base);
        if (promise.value().has_value()) return promise.awaiter;
        P& parent = promise_of<P>(promise.awaiter);
        parent.set_error(promise.value().error());
        return parent.finish();
    }

    template <class P>
    bool await_suspend(std::coroutine_handle<P> parent) {
        child.handle_.promise().route = &route<P>;
        if (start_child(child, parent)) return true;
        auto& value = child.handle_.promise().value();
        if (value.has_value()) return false;
        parent.promise().set_error(value.error());
        parent.promise().finish_early();
        return true;
    }
    U await_resume() {
        if constexpr (!std::is_void_v<U>) return std::move(*child.handle_.promise().value());
    }
};

template <class U>
struct TryValueAwait {
    Result<U> value;
    bool await_ready() const noexcept { return value.has_value(); }
    template <class P>
    void await_suspend(std::coroutine_handle<P> parent) {
        parent.promise().set_error(value.error());
        parent.promise().finish_early();
    }
    U await_resume() {
        if constexpr (!std::is_void_v<U>) return std::move(*value);
    }
};

// Awaiting a leaf: plainly it gives Result<value_type>; through try_ the value itself.
template <class Leaf>
struct LeafAwait {
    Leaf& leaf;
    static bool await_ready() noexcept { return false; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> parent) {
        return leaf.begin(parent.promise().context, parent);
    }
    Result<typename Leaf::value_type> await_resume() {
        if (leaf.failed()) return Failure(leaf.error());
        if constexpr (std::is_void_v<typename Leaf::value_type>) {
            return {};
        } else {
            return leaf.take();
        }
    }
};

template <class Leaf>
struct TryLeafAwait {
    Leaf& leaf;
    static bool await_ready() noexcept { return false; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> parent) {
        leaf.end_on_failure([](std::coroutine_handle<> awaiting, const Error& error) {
            P& promise = promise_of<P>(awaiting);
            promise.set_error(error);
            return promise.finish();
        });
        if (leaf.begin(parent.promise().context, parent)) return true;
        if (!leaf.failed()) return false;
        parent.promise().set_error(leaf.error());
        parent.promise().finish_early();
        return true;
    }
    typename Leaf::value_type await_resume() {
        if constexpr (!std::is_void_v<typename Leaf::value_type>) return leaf.take();
    }
};

struct AwaitRules : PromiseBase {
    template <class T>
    static TaskAwait<T> await_transform(task<T>&& child) {
        return {std::move(child)};
    }
    template <class T>
    static TryTaskAwait<T> await_transform(Try<task<Result<T>>>&& attempt) {
        return {std::move(attempt.inner)};
    }
    template <class T>
    static TryValueAwait<T> await_transform(Try<Result<T>>&& attempt) {
        return {std::move(attempt.inner)};
    }
    template <LeafType L>
    static LeafAwait<L> await_transform(L&& leaf) {
        return {leaf};
    }
    template <LeafType L>
    static TryLeafAwait<L> await_transform(Try<L&&>&& attempt) {
        return {attempt.inner};
    }
};

template <class T>
struct Promise : AwaitRules {
    Promise() {}
    Promise(const Promise&) = delete;
    Promise& operator=(const Promise&) = delete;
    ~Promise() {
        if (has_value) std::destroy_at(&value_);
    }

    task<T> get_return_object();
    template <class U = T>
    void return_value(U&& result) {
        emplace(std::forward<U>(result));
    }
    void set_error(const Error& error)
        requires is_result<T>
    {
        emplace(std::unexpect, error);
    }
    T& value() {
        assert(has_value);
        return value_;
    }

 private:
    template <class... A>
    void emplace(A&&... arguments) {
        assert(!has_value);
        std::construct_at(&value_, std::forward<A>(arguments)...);
        has_value = true;
    }

    union {
        T value_;
    };
};

template <>
struct Promise<void> : AwaitRules {
    task<void> get_return_object();
    static void return_void() {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] task {
 public:
    using promise_type = detail::Promise<T>;
    using value_type = T;

    task() = default;
    explicit task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    task(task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    task& operator=(task&& other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~task() { reset(); }

    bool valid() const { return handle_ != nullptr; }

    // The result of a finished task.
    T take() {
        assert(handle_.promise().finished);
        if constexpr (!std::is_void_v<T>) return std::move(handle_.promise().value());
    }

    std::coroutine_handle<promise_type> handle_;  // for the engine's own headers

 private:
    void reset() {
        if (handle_) handle_.destroy();
        handle_ = nullptr;
    }
};

namespace detail {
template <class T>
task<T> Promise<T>::get_return_object() {
    return task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline task<void> Promise<void>::get_return_object() {
    return task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}
}  // namespace detail

}  // namespace postern::engine
