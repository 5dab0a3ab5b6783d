// The wheel: see timer_wheel.hpp. A timer with tick T sits in the level where T and the current
// tick first differ, in the slot of T's digit there (base 64); so a slot of a higher level is
// emptied into lower ones exactly when the current tick enters it.
#include "engine/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "engine/limits.hpp"

namespace postern::engine {
namespace {

std::int64_t tick_of(MonotonicTime time) {
    return time.ns / timer_tick_ns + (time.ns % timer_tick_ns != 0);
}

}  // namespace

TimerWheel::TimerWheel(MonotonicTime start) : tick_(start.ns / timer_tick_ns) {}

void TimerWheel::arm(Timer& timer, MonotonicTime expiry) {
    assert(!timer.armed() && timer.fire != nullptr);
    timer.expiry = expiry;
    timer.wheel = this;
    ++count_;
    place(timer);
}

void TimerWheel::disarm(Timer& timer) {
    assert(timer.wheel == this && count_ > 0);
    take_out(timer);
    timer.wheel = nullptr;
    --count_;
}

void TimerWheel::place(Timer& timer) {
    constexpr std::int64_t span = std::int64_t{1} << (slot_bits * levels);
    std::int64_t furthest = (tick_ | (span - 1));
    std::int64_t tick = std::clamp(tick_of(timer.expiry), tick_ + 1, std::max(furthest, tick_ + 1));
    auto difference = static_cast<std::uint64_t>(tick ^ tick_);
    unsigned level = unsigned(std::bit_width(difference) - 1) / slot_bits;
    level = std::min(level, levels - 1);
    timer.level = std::uint8_t(level);
    timer.slot = std::uint8_t(tick >> (slot_bits * level) & (slots - 1));
    Timer*& head = wheel_[level][timer.slot];
    timer.previous = nullptr;
    timer.next = head;
    if (head != nullptr) head->previous = &timer;
    head = &timer;
    occupied_[level] |= std::uint64_t{1} << timer.slot;
}

void TimerWheel::take_out(Timer& timer) {
    Timer*& head = wheel_[timer.level][timer.slot];
    if (timer.previous != nullptr) {
        timer.previous->next = timer.next;
    } else {
        head = timer.next;
    }
    if (timer.next != nullptr) timer.next->previous = timer.previous;
    if (head == nullptr) occupied_[timer.level] &= ~(std::uint64_t{1} << timer.slot);
    timer.previous = timer.next = nullptr;
}

void TimerWheel::expire_slot(unsigned level, unsigned slot) {
    while (Timer* timer = wheel_[level][slot]) {
        take_out(*timer);
        if (tick_of(timer->expiry) > tick_) {
            place(*timer);
        } else {
            timer->wheel = nullptr;
            --count_;
            timer->fire(*timer);
        }
    }
}

// The next tick at which a slot of any level becomes current: the nearest occupied one.
std::int64_t TimerWheel::next_event_tick() const {
    std::int64_t best = INT64_MAX;
    for (unsigned level = 0; level < levels; ++level) {
        if (occupied_[level] == 0) continue;
        unsigned shift = slot_bits * level;
        unsigned current = unsigned(tick_ >> shift & (slots - 1));
        unsigned distance = unsigned(std::countr_zero(std::rotr(occupied_[level], int(current))));
        if (distance == 0) distance = slots;  // wrapped round: only the last level does that
        std::int64_t tick = ((tick_ >> shift) + distance) << shift;
        best = std::min(best, tick);
    }
    return best;
}

void TimerWheel::advance(MonotonicTime now) {
    const std::int64_t target = now.ns / timer_tick_ns;
    while (tick_ < target) {
        std::int64_t next = next_event_tick();
        if (next > target) {
            tick_ = target;
            return;
        }
        tick_ = next;
        for (unsigned level = levels; level-- > 0;) {
            unsigned shift = slot_bits * level;
            std::int64_t below = (std::int64_t{1} << shift) - 1;
            if ((tick_ & below) == 0) expire_slot(level, unsigned(tick_ >> shift & (slots - 1)));
        }
    }
}

MonotonicTime TimerWheel::next_deadline() const {
    std::int64_t tick = next_event_tick();
    return tick == INT64_MAX ? never : MonotonicTime{tick * timer_tick_ns};
}

}  // namespace postern::engine
