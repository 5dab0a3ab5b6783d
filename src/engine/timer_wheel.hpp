// A hierarchical timing wheel: deadlines in O(1), one millisecond ticks, no allocation. Timers are
// members of what waits (a leaf, a session) and are owned there. One wheel a shard. Levels of 64
// slots: 64 ms, 4 s, 4 min, 4.6 h, 12 days; a later deadline waits in the last level and is put
// again when its slot comes round.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"

namespace postern::engine {

class TimerWheel;

struct Timer {
    using Fire = void (*)(Timer&);

    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { disarm(); }

    bool armed() const { return wheel != nullptr; }
    inline void disarm();

    TimerWheel* wheel = nullptr;
    Timer* previous = nullptr;
    Timer* next = nullptr;
    MonotonicTime expiry;
    Fire fire = nullptr;
    std::uint8_t level = 0;
    std::uint8_t slot = 0;
};

class TimerWheel {
 public:
    explicit TimerWheel(MonotonicTime start);

    // Fires at or after `expiry`, within a tick. The timer must not be armed.
    void arm(Timer& timer, MonotonicTime expiry);
    void disarm(Timer& timer);
    // Fires all that is due, in order of their ticks.
    void advance(MonotonicTime now);
    // When advance must be called next at the latest; `never` without timers.
    MonotonicTime next_deadline() const;
    bool empty() const { return count_ == 0; }

 private:
    static constexpr unsigned levels = 5;
    static constexpr unsigned slot_bits = 6;
    static constexpr unsigned slots = 1u << slot_bits;

    void place(Timer& timer);
    void take_out(Timer& timer);
    void expire_slot(unsigned level, unsigned slot);
    std::int64_t next_event_tick() const;

    std::int64_t tick_ = 0;  // everything before or at this tick has fired
    std::uint64_t count_ = 0;
    std::array<std::uint64_t, levels> occupied_{};  // a bit a slot
    std::array<std::array<Timer*, slots>, levels> wheel_{};
};

inline void Timer::disarm() {
    if (wheel != nullptr) wheel->disarm(*this);
}

}  // namespace postern::engine
