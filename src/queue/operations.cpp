// Asking and telling every shard; see operations.hpp.
#include "queue/operations.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/names.hpp"
#include "base/ascii.hpp"
#include "engine/shard.hpp"
#include "queue/limits.hpp"
#include "queue/worker.hpp"

namespace postern::queue {

using engine::task;

namespace {

constexpr std::array<std::string_view, 3> entry_state_names = {"waiting", "active", "held"};
constexpr std::array<std::string_view, 4> recipient_state_names = {"pending", "delivered", "failed",
                                                                   "deleted"};

bool is_older(const EntryView& a, const EntryView& b) {
    const auto left = a.stored.envelope.arrived_s;
    const auto right = b.stored.envelope.arrived_s;
    return left != right ? left < right : a.id < b.id;
}

task<Result<void>> suspend_here(Worker* worker, const std::string* key, Suspension what) {
    if (what == Suspension::suspend) {
        worker->scheduler().suspend(*key);
    } else {
        worker->scheduler().resume(*key, wall_ms());
        worker->wake();
    }
    co_return co_await worker->save_destinations();
}

task<std::vector<DestinationStatus>> destinations_here(Worker* worker) {
    co_return worker->scheduler().destinations();
}

}  // namespace

std::string_view name_of(EntryState state) {
    return entry_state_names[std::size_t(state)];
}

std::string_view name_of(RecipientState state) {
    return recipient_state_names[std::size_t(state)];
}

bool Selection::is_empty() const {
    return ids.empty() && !needs_envelope() && !everything;
}

bool Selection::needs_envelope() const {
    return !sender.empty() || !recipient.empty() || !domain.empty();
}

bool Selection::fits(const StoredEntry& entry) const {
    const Envelope& envelope = entry.envelope;
    if (sender == "<>" && !envelope.sender.empty()) return false;
    if (!sender.empty() && sender != "<>" && !iequals(sender, envelope.sender)) return false;
    if (recipient.empty() && domain.empty()) return true;
    return std::ranges::any_of(envelope.recipients, [&](const Recipient& each) {
        if (each.state != RecipientState::pending) return false;
        if (!recipient.empty() && !iequals(recipient, each.address)) return false;
        return domain.empty() || iequals(domain, auth::split_address(each.address).domain);
    });
}

// The entries of this shard that fit, oldest first. An envelope that cannot be read fits nothing
// but its id.
task<std::vector<EntryId>> Worker::select(const Selection* selection, std::size_t max) {
    std::vector<EntryId> selected;
    if (selection->is_empty()) co_return selected;
    std::vector<EntryId> candidates = selection->ids;
    if (candidates.empty()) candidates = scheduler_.ids();
    for (EntryId id : candidates) {
        if (selected.size() == max) break;
        if (!scheduler_.contains(id)) continue;
        if (selection->needs_envelope()) {
            auto entry = co_await fresh_.load(id);
            if (!entry || !selection->fits(*entry) || !scheduler_.contains(id)) continue;
        }
        selected.push_back(id);
    }
    co_return selected;
}

task<std::vector<EntryView>> Worker::list(const Selection* selection) {
    std::vector<EntryView> views;
    const auto ids = co_await select(selection, entries_listed_max);
    for (EntryId id : ids) {
        auto entry = co_await fresh_.load(id);
        if (!entry || !scheduler_.contains(id)) continue;
        EntryView view;
        view.id = id;
        view.state = scheduler_.state(id);
        if (view.state == EntryState::waiting) view.next_attempt_s = scheduler_.next_attempt_s(id);
        view.destination_problem = scheduler_.problem_of(id);
        view.stored = std::move(*entry);
        views.push_back(std::move(view));
    }
    co_return views;
}

// Active entries keep the wish until their attempt has ended.
task<Result<void>> Worker::operate_on(EntryId id, Operation operation, const std::string* reason) {
    const EntryState state = scheduler_.state(id);
    if (state == EntryState::active) {
        if (operation == Operation::hold) scheduler_.want(id, Wanted::hold);
        if (operation == Operation::remove) scheduler_.want(id, Wanted::remove);
        if (operation == Operation::bounce) scheduler_.want(id, Wanted::bounce);
        co_return {};
    }
    switch (operation) {
        case Operation::hold:
            if (state == EntryState::held) co_return {};
            co_return co_await hold(id, *reason);
        case Operation::release:
            if (state != EntryState::held) co_return {};
            co_return co_await release(id);
        case Operation::retry:
            scheduler_.retry(id, wall_ms());
            wake_.set();
            co_return {};
        case Operation::remove: co_return co_await remove(id);
        case Operation::bounce: co_return co_await bounce(id);
    }
    co_return {};
}

task<OperationOutcome> Worker::operate(Operation operation, const Selection* selection,
                                       const std::string* reason) {
    OperationOutcome outcome;
    const auto ids = co_await select(selection, SIZE_MAX);
    for (EntryId id : ids) {
        if (!scheduler_.contains(id)) continue;
        ++outcome.matched;
        auto done = co_await operate_on(id, operation, reason);
        if (!done) ++outcome.failed;
    }
    co_return outcome;
}

task<std::vector<EntryView>> list_entries(Queue* queue, Selection selection) {
    std::vector<EntryView> all;
    for (unsigned shard = 0; shard < queue->shard_count(); ++shard) {
        Worker* worker = &queue->worker(shard);
        auto ask = [worker, &selection] { return worker->list(&selection); };
        auto views = co_await engine::call_on(shard, ask);
        std::ranges::move(views, std::back_inserter(all));
    }
    std::ranges::sort(all, is_older);
    if (all.size() > entries_listed_max) all.resize(entries_listed_max);
    co_return all;
}

task<OperationOutcome> operate(Queue* queue, Operation operation, Selection selection,
                               std::string reason) {
    OperationOutcome sum;
    for (unsigned shard = 0; shard < queue->shard_count(); ++shard) {
        Worker* worker = &queue->worker(shard);
        auto ask = [worker, operation, &selection, &reason] {
            return worker->operate(operation, &selection, &reason);
        };
        const auto outcome = co_await engine::call_on(shard, ask);
        sum.matched += outcome.matched;
        sum.failed += outcome.failed;
    }
    co_return sum;
}

task<std::vector<DestinationStatus>> list_destinations(Queue* queue) {
    std::vector<DestinationStatus> all;
    for (unsigned shard = 0; shard < queue->shard_count(); ++shard) {
        Worker* worker = &queue->worker(shard);
        auto ask = [worker] { return destinations_here(worker); };
        auto some = co_await engine::call_on(shard, ask);
        std::ranges::move(some, std::back_inserter(all));
    }
    std::ranges::sort(all, {}, &DestinationStatus::key);
    co_return all;
}

task<Result<void>> set_suspension(Queue* queue, std::string route_key, Suspension what) {
    if (!parse_route_key(route_key)) co_return fail_request(ErrorCode::not_found, "no such route");
    const unsigned shard = queue->home_shard_of(route_key);
    Worker* worker = &queue->worker(shard);
    auto tell = [worker, &route_key, what] { return suspend_here(worker, &route_key, what); };
    co_return co_await engine::call_on(shard, tell);
}

}  // namespace postern::queue
