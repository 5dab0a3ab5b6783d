// Spawning, draining, cancelling and joining; see scope.hpp.
#include "engine/scope.hpp"

#include <algorithm>

#include "engine/event.hpp"
#include "engine/shard.hpp"

namespace postern::engine {

void Scope::spawn(task<void> work) {
    auto* root = new Root;
    root->scope = this;
    root->draining = draining_;
    root->cancelled = cancelled_;
    root->work = std::move(work);
    root->next = first_;
    if (first_ != nullptr) first_->previous = root;
    first_ = root;
    ++size_;
    auto& promise = root->work.handle_.promise();
    promise.context = root;
    promise.route = &root_finished;
    schedule(root->work.handle_);
}

std::coroutine_handle<> Scope::root_finished(detail::PromiseBase& promise) {
    auto* root = static_cast<Root*>(promise.context);
    root->scope->remove(*root);
    // The frame is still on its way out of final_suspend: the shard frees it later.
    Shard::current().bury([](void* grave) { delete static_cast<Root*>(grave); }, root);
    return std::noop_coroutine();
}

void Scope::remove(Root& root) {
    (root.previous != nullptr ? root.previous->next : first_) = root.next;
    if (root.next != nullptr) root.next->previous = root.previous;
    assert(size_ > 0);
    if (--size_ == 0 && joiner_ != nullptr) {
        Join* joiner = std::exchange(joiner_, nullptr);
        joiner->complete();
    }
}

void Scope::drain() {
    draining_ = true;
    for (Root* root = first_; root != nullptr; root = root->next) {
        root->draining = true;
        if (root->waiting != nullptr) root->waiting->drain();
    }
}

void Scope::cancel() {
    cancelled_ = true;
    for (Root* root = first_; root != nullptr; root = root->next) {
        root->cancelled = true;
        if (root->waiting != nullptr) root->waiting->cancel();
    }
}

bool Scope::Join::start() {
    if (scope_->size_ == 0) return false;
    if (is_cancelled()) scope_->cancel();
    if (is_draining()) scope_->drain();
    scope_->joiner_ = this;
    return true;
}

task<void> when_all(std::vector<task<void>> works) {
    Scope scope;
    for (task<void>& work : works) scope.spawn(std::move(work));
    co_await scope.join();
}

task<Result<void>> all_succeed(std::vector<task<Result<void>>> works) {
    const auto outcomes = co_await when_all(std::move(works));
    const auto failed = std::ranges::find_if_not(outcomes, &Result<void>::has_value);
    if (failed != outcomes.end()) co_return *failed;
    co_return {};
}

namespace {

task<void> cancel_after(Duration grace, Scope* scope) {
    auto slept = co_await sleep_until(Shard::current().now() + grace);
    if (slept) scope->cancel();
}

}  // namespace

task<void> join_within(Scope* scope, Duration grace) {
    Scope clock;
    clock.spawn(cancel_after(grace, scope));
    co_await scope->join();
    clock.cancel();
    co_await clock.join();
}

}  // namespace postern::engine
