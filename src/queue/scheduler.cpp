// The order of attempts; see scheduler.hpp.
#include "queue/scheduler.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "queue/limits.hpp"

namespace postern::queue {
namespace {

constexpr Milliseconds second = 1000;

std::uint32_t narrow(Seconds time) {
    return std::uint32_t(std::clamp<Seconds>(time, 0, UINT32_MAX));
}

}  // namespace

// When the first of its waiting entries may go; nothing: none may until something happens.
std::optional<Milliseconds> Scheduler::Destination::ready_time() const {
    if (is_suspended || active >= limit()) return std::nullopt;
    std::optional<Milliseconds> first;
    for (const Waiting& band : waiting) {
        if (band.empty()) continue;
        const Milliseconds due = Milliseconds(band.begin()->first) * second;
        first = first ? std::min(*first, due) : due;
    }
    if (!first) return std::nullopt;
    return std::max({*first, blocked_until, next_start, last_start});
}

// The most urgent of those that are due; one is.
EntryId Scheduler::Destination::first(Milliseconds now) const {
    for (const Waiting& band : waiting) {
        if (!band.empty() && Milliseconds(band.begin()->first) * second <= now) {
            return band.begin()->second;
        }
    }
    assert(false);
    return 0;
}

// Its own limits where it has some, those of all else.
void Scheduler::apply_rules(Destination& destination) const {
    const auto route = router_ == nullptr ? std::nullopt : parse_route_key(destination.key);
    const DestinationRules own = route ? router_->rules_of(*route) : DestinationRules{};
    const auto choose = [](std::uint32_t mine, std::uint32_t common) {
        return mine != 0 ? mine : common;
    };
    destination.window_max = std::max(1u, choose(own.concurrency_max, policy_.concurrency_max));
    destination.window_first = std::clamp(policy_.concurrency_first, 1u, destination.window_max);
    destination.window = destination.window_first;
    destination.starts_per_minute_max =
        choose(own.starts_per_minute_max, policy_.starts_per_minute_max);
}

Scheduler::Destination& Scheduler::destination(const std::string& key) {
    auto& slot = destinations_[key];
    if (slot == nullptr) {
        slot = std::make_unique<Destination>();
        slot->key = key;
        slot->serial = ++serials_;
        apply_rules(*slot);
    }
    return *slot;
}

void Scheduler::reschedule(Destination& destination) {
    if (destination.ready_at >= 0) ready_.erase({destination.ready_at, destination.serial});
    const auto time = destination.ready_time();
    destination.ready_at = time.value_or(-1);
    if (time) ready_[{*time, destination.serial}] = &destination;
}

void Scheduler::place(EntryId id, Entry& entry) {
    entry.state = EntryState::waiting;
    band_of(entry).insert({entry.due_s, id});
    reschedule(*entry.destination);
}

void Scheduler::unplace(EntryId id, Entry& entry) {
    if (entry.state == EntryState::waiting) band_of(entry).erase({entry.due_s, id});
}

void Scheduler::leave_active(Entry& entry) {
    assert(entry.state == EntryState::active && entry.destination->active > 0 && active_ > 0);
    --entry.destination->active;
    --active_;
}

bool Scheduler::add(const EntryFacts& facts, const Route& route) {
    auto [at, is_new] = entries_.try_emplace(facts.id);
    if (!is_new) return false;
    Entry& entry = at->second;
    entry.destination = &destination(route.key());
    ++entry.destination->entries;
    entry.arrived_s = narrow(facts.arrived_s);
    entry.due_s = narrow(facts.due_s);
    entry.expires_s = narrow(facts.expires_s);
    entry.attempts = facts.attempts;
    entry.priority = facts.priority;
    entry.kind = facts.kind;
    entry.notice_s = narrow(facts.notice_s);
    if (facts.is_held) {
        entry.state = EntryState::held;
    } else {
        place(facts.id, entry);
    }
    return true;
}

std::optional<EntryId> Scheduler::start(Milliseconds now) {
    if (active_ >= policy_.attempts_max || ready_.empty() || ready_.begin()->first.first > now) {
        return std::nullopt;
    }
    Destination& destination = *ready_.begin()->second;
    const EntryId id = destination.first(now);
    Entry& entry = entries_.at(id);
    unplace(id, entry);
    entry.state = EntryState::active;
    ++destination.active;
    ++active_;
    destination.last_start = now;
    if (destination.starts_per_minute_max > 0) {
        destination.next_start = now + 60 * second / destination.starts_per_minute_max;
    }
    reschedule(destination);
    return id;
}

Milliseconds Scheduler::next_time() const {
    if (active_ >= policy_.attempts_max || ready_.empty()) {
        return std::numeric_limits<Milliseconds>::max();
    }
    return ready_.begin()->first.first;
}

void Scheduler::again(EntryId id, Seconds due_s, Milliseconds) {
    Entry& entry = entries_.at(id);
    leave_active(entry);
    entry.due_s = narrow(due_s);
    place(id, entry);
}

void Scheduler::remove(EntryId id, Milliseconds) {
    auto at = entries_.find(id);
    if (at == entries_.end()) return;
    Entry& entry = at->second;
    Destination& destination = *entry.destination;
    if (entry.state == EntryState::active) leave_active(entry);
    unplace(id, entry);
    entries_.erase(at);
    --destination.entries;
    reschedule(destination);
}

Seconds Scheduler::judge(EntryId id, DestinationVerdict verdict, std::string_view problem,
                         Milliseconds now, std::uint32_t chance) {
    const Entry& entry = entries_.at(id);
    Destination& destination = *entry.destination;
    switch (verdict) {
        case DestinationVerdict::reachable:
            destination.window = std::min(destination.window + 1 / destination.window,
                                          double(destination.window_max));
            if (destination.failures > 0) destination.window = destination.window_first;
            destination.failures = 0;
            destination.blocked_until = 0;
            destination.problem.clear();
            break;
        case DestinationVerdict::throttled:
            destination.window = std::max(1.0, destination.window / 2);
            destination.next_start =
                std::max(destination.next_start, now + policy_.throttle_pause_s * second);
            destination.problem = problem.substr(0, explanation_bytes_max);
            break;
        case DestinationVerdict::unreachable:
            destination.problem = problem.substr(0, explanation_bytes_max);
            if (destination.blocked_until > now) break;  // another attempt has said so
            ++destination.failures;
            const std::uint32_t times = std::max(destination.failures, entry.attempts);
            destination.blocked_until =
                now + retry_delay_s(policy_.of(entry.kind), times, chance) * second;
            break;
    }
    reschedule(destination);
    return destination.blocked_until > now ? (destination.blocked_until + second - 1) / second : 0;
}

void Scheduler::hold(EntryId id, Milliseconds) {
    Entry& entry = entries_.at(id);
    if (entry.state == EntryState::active) leave_active(entry);
    unplace(id, entry);
    entry.state = EntryState::held;
    reschedule(*entry.destination);
}

void Scheduler::release(EntryId id, Milliseconds, Seconds due_s) {
    Entry& entry = entries_.at(id);
    if (entry.state != EntryState::held) return;
    entry.due_s = narrow(due_s);
    place(id, entry);
}

void Scheduler::retry(EntryId id, Milliseconds now) {
    Entry& entry = entries_.at(id);
    if (entry.state != EntryState::waiting) return;
    unplace(id, entry);
    entry.due_s = 0;
    Destination& destination = *entry.destination;
    destination.blocked_until = std::min(destination.blocked_until, now);
    place(id, entry);
}

void Scheduler::claim(EntryId id, Milliseconds) {
    Entry& entry = entries_.at(id);
    assert(entry.state != EntryState::active);
    unplace(id, entry);
    entry.state = EntryState::active;
    ++entry.destination->active;
    ++active_;
    reschedule(*entry.destination);
}

void Scheduler::restore(const DestinationStatus& status) {
    Destination& found = destination(status.key);
    found.is_suspended = status.is_suspended;
    found.failures = status.failures;
    found.blocked_until = status.blocked_until_s * second;
    found.problem = status.last_problem;
    reschedule(found);
}

void Scheduler::suspend(std::string_view key) {
    Destination& found = destination(std::string(key));
    found.is_suspended = true;
    reschedule(found);
}

void Scheduler::resume(std::string_view key, Milliseconds now) {
    const auto at = destinations_.find(key);
    if (at == destinations_.end()) return;
    at->second->is_suspended = false;
    at->second->blocked_until = std::min(at->second->blocked_until, now);
    reschedule(*at->second);
}

std::vector<EntryId> Scheduler::overdue(Seconds now, std::size_t max) {
    std::vector<EntryId> ids;
    for (const auto& [id, entry] : entries_) {
        if (ids.size() == max) break;
        if (entry.state != EntryState::waiting) continue;
        const bool is_late = entry.notice_s != 0 && Seconds(entry.notice_s) <= now;
        if (is_late || Seconds(entry.expires_s) <= now) ids.push_back(id);
    }
    std::erase_if(destinations_, [&](const auto& item) {
        const Destination& idle = *item.second;
        return idle.entries == 0 && !idle.is_suspended && idle.blocked_until <= now * second;
    });
    return ids;
}

Seconds Scheduler::next_attempt_s(EntryId id) const {
    const Entry& entry = entries_.at(id);
    return std::max(Seconds(entry.due_s), entry.destination->blocked_until / second);
}

std::vector<EntryId> Scheduler::ids() const {
    std::vector<EntryId> ids;
    ids.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) ids.push_back(id);
    std::ranges::sort(ids, {},
                      [this](EntryId id) { return std::pair(entries_.at(id).arrived_s, id); });
    return ids;
}

std::vector<DestinationStatus> Scheduler::destinations() const {
    std::vector<DestinationStatus> all;
    for (const auto& [key, from] : destinations_) {
        DestinationStatus status;
        status.key = key;
        status.entries = from->entries;
        status.active = from->active;
        status.limit = from->limit();
        status.starts_per_minute_max = from->starts_per_minute_max;
        status.failures = from->failures;
        status.blocked_until_s = from->blocked_until / second;
        status.is_suspended = from->is_suspended;
        status.last_problem = from->problem;
        all.push_back(std::move(status));
    }
    return all;
}

}  // namespace postern::queue
