// Time, events and turns; see world.hpp.
#include "sim/world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sim/machine.hpp"

namespace postern::sim {
namespace {
constexpr Duration turn_least = nanoseconds(300);
constexpr Duration turn_most = microseconds(3);
constexpr std::int64_t start_wall_s = 1'790'000'000;  // some day in 2026
}  // namespace

World::World(std::uint64_t seed, Plan plan)
    : plan_(plan), random_(seed), now_{seconds(1000).ns}, network_(*this) {
    wall_offset_ns_ = seconds(start_wall_s + std::int64_t(random_.below(86'400))).ns;
}

World::~World() {
    for (auto& machine : machines_) {
        if (machine->is_running()) machine->kill();
        machine->shut_down();
    }
}

Machine& World::add_machine(std::string address, unsigned shards) {
    machines_.push_back(std::make_unique<Machine>(*this, std::move(address), shards));
    return *machines_.back();
}

Machine* World::machine_at(const std::string& address) {
    for (auto& machine : machines_) {
        if (machine->address() == address) return machine.get();
    }
    return nullptr;
}

Duration World::draw(const Latency& latency) {
    if (random_.chance(latency.slow)) return random_.between(latency.usual, latency.slowest);
    return random_.between(latency.least, latency.usual);
}

World::EventKey World::after(Duration delay, std::function<void()> action) {
    // Equal times are rare and go by chance; the low half keeps keys apart.
    std::uint64_t tie = (random_.next() << 32) | (next_id() & 0xffff'ffffu);
    EventKey key{(now_ + delay).ns, tie};
    events_.emplace(key, std::move(action));
    return key;
}

MonotonicTime World::next_moment() const {
    MonotonicTime next = never;
    if (!events_.empty()) next = MonotonicTime{events_.begin()->first.first};
    for (const auto& machine : machines_) {
        if (!machine->is_running()) continue;
        for (const Machine::Slot& slot : machine->slots()) {
            if (slot.inside_turn) continue;
            MonotonicTime wants = slot.shard->timers().next_deadline();
            if (slot.shard->has_ready() || slot.kernel->has_completions()) wants = now_;
            if (wants != never) next = std::min(next, std::max(wants, slot.stalled_until));
        }
    }
    return next;
}

bool World::turn_somebody() {
    constexpr std::size_t ready_max = 64;
    Machine::Slot* ready[ready_max];
    std::size_t count = 0;
    for (auto& machine : machines_) {
        if (!machine->is_running()) continue;
        for (Machine::Slot& slot : machine->slots()) {
            if (slot.inside_turn || slot.stalled_until > now_ || count == ready_max) continue;
            if (slot.kernel->has_completions() || slot.shard->has_ready() ||
                slot.shard->timers().next_deadline() <= now_) {
                ready[count++] = &slot;
            }
        }
    }
    if (count == 0) return false;
    Machine::Slot& slot = *ready[random_.below(count)];
    note("turn", slot.shard->id(), count);
    slot.inside_turn = true;
    slot.shard->turn(MonotonicTime{0});
    slot.inside_turn = false;
    now_ = now_ + random_.between(turn_least, turn_most);
    if (random_.chance(plan_.faults.stall)) {
        slot.stalled_until = now_ + random_.between(nanoseconds(0), plan_.faults.stall_max);
    }
    return true;
}

bool World::step(MonotonicTime limit) {
    ++steps_;
    if (!events_.empty() && events_.begin()->first.first <= now_.ns) {
        auto action = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        action();
        return true;
    }
    if (turn_somebody()) return true;
    MonotonicTime next = next_moment();
    if (next == never || next > limit) {
        if (limit != never) now_ = std::max(now_, limit);
        return false;
    }
    now_ = std::max(now_, next);
    return true;
}

bool World::run_until(const std::function<bool()>& condition, MonotonicTime deadline) {
    while (!condition()) {
        if (now_ >= deadline) return false;
        if (!step(deadline) && deadline == never) return condition();
    }
    return true;
}

void World::run_for(Duration duration) {
    run_until([] { return false; }, now_ + duration);
}

void World::wait_for(const Kernel& kernel, MonotonicTime deadline) {
    while (!kernel.has_completions() && now_ < deadline) {
        if (!step(deadline) && deadline == never) {
            std::fprintf(stderr, "sim: a shard waits and nothing will ever happen\n");
            std::abort();
        }
    }
}

void World::note(const char* what, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    for (std::uint64_t part : {std::uint64_t(now_.ns), a, b, c}) {
        trace_hash_ = (trace_hash_ ^ part) * 0x100000001b3u;
        trace_hash_ ^= trace_hash_ >> 29;
    }
    if (!tracing_) return;
    std::fprintf(stderr, "%14.6f %s %lld %lld %lld\n", double(now_.ns) / 1e6, what,
                 static_cast<long long>(a), static_cast<long long>(b), static_cast<long long>(c));
}

void World::say(const char* who, std::string_view what) {
    if (!tracing_) return;
    std::fprintf(stderr, "%14.6f %s: %.*s\n", double(now_.ns) / 1e6, who, int(what.size()),
                 what.data());
}

}  // namespace postern::sim
