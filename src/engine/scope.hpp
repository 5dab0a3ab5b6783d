// Scope: the owner of spawned tasks. Nothing is detached: a scope ends only when all its tasks
// have, and a shard waits for its root scope at shutdown. drain() asks politely (no new command is
// read), cancel() ends everything that waits on a peer; file operations run to their end either
// way. Belongs to one shard.
#pragma once

#include <cstddef>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "engine/suspension.hpp"
#include "engine/task.hpp"

namespace postern::engine {

class Scope {
 public:
    class Join;

    Scope() = default;
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { assert(first_ == nullptr && joiner_ == nullptr); }

    // Starts `work` at the ready queue's next turn.
    void spawn(task<void> work);
    void drain();
    void cancel();
    std::size_t size() const { return size_; }

    // Waits until no task is left. Never fails: cancelling the waiting task cancels this scope.
    Join join();

 private:
    struct Root : TaskContext {
        task<void> work;
        Scope* scope = nullptr;
        Root* previous = nullptr;
        Root* next = nullptr;
    };
    static std::coroutine_handle<> root_finished(detail::PromiseBase& promise);
    void remove(Root& root);

    Root* first_ = nullptr;
    std::size_t size_ = 0;
    Join* joiner_ = nullptr;
    bool draining_ = false;
    bool cancelled_ = false;
};

class Scope::Join final : public Suspension {
 public:
    using value_type = void;
    explicit Join(Scope* scope) : scope_(scope) {}

    bool start() override;
    void cancel() override { scope_->cancel(); }
    void drain() override { scope_->drain(); }

 private:
    friend class Scope;
    Scope* scope_;
};

inline Scope::Join Scope::join() {
    return Join(this);
}

// Waits for the scope's tasks; those that do not end within `grace` are cancelled.
task<void> join_within(Scope* scope, Duration grace);

// Runs all at once and waits for all; results in order. One failing does not stop the others.
template <class T>
task<std::vector<T>> when_all(std::vector<task<T>> works);
task<void> when_all(std::vector<task<void>> works);
// The same; the first failure in their order, or success.
task<Result<void>> all_succeed(std::vector<task<Result<void>>> works);

namespace detail {
template <class T>
task<void> store_result(task<T> work, std::optional<T>* result) {
    result->emplace(co_await std::move(work));
}
}  // namespace detail

template <class T>
task<std::vector<T>> when_all(std::vector<task<T>> works) {
    std::vector<std::optional<T>> slots(works.size());
    {
        Scope scope;
        for (std::size_t i = 0; i < works.size(); ++i) {
            scope.spawn(detail::store_result(std::move(works[i]), &slots[i]));
        }
        co_await scope.join();
    }
    std::vector<T> results;
    results.reserve(slots.size());
    for (auto& slot : slots) results.push_back(std::move(*slot));
    co_return results;
}

}  // namespace postern::engine
