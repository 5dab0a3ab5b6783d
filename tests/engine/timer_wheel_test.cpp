// The wheel against a sorted map, over random arming, disarming and jumps of time, with deadlines
// from now to beyond the last level.
#include "engine/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "engine/limits.hpp"
#include "sim/random.hpp"

namespace postern::engine {
namespace {

struct Model;
struct Counted : Timer {
    Model* model = nullptr;
    std::size_t index = 0;
    std::int64_t due_tick = 0;
};

std::int64_t tick_of(std::int64_t ns) {
    return ns / timer_tick_ns + (ns % timer_tick_ns != 0);
}

struct Model {
    explicit Model(std::uint64_t seed)
        : random(seed),
          now(std::int64_t(random.below(std::uint64_t{1} << (random.below(62) + 1)))),
          wheel(MonotonicTime{now}),
          timers(50) {
        for (std::size_t i = 0; i < timers.size(); ++i) {
            timers[i] = std::make_unique<Counted>();
            timers[i]->model = this;
            timers[i]->index = i;
            timers[i]->fire = [](Timer& timer) {
                auto& self = static_cast<Counted&>(timer);
                self.model->fired(self);
            };
        }
    }

    void arm(Counted& timer) {
        std::int64_t ahead = std::int64_t(random.below(std::uint64_t{1} << random.below(61)));
        if (random.chance(0.02)) ahead = INT64_MAX - now;
        if (random.chance(0.05)) ahead = -std::int64_t(random.below(std::uint64_t(now) + 1));
        ahead = std::min(ahead, INT64_MAX - now);
        // Never before the tick after the current one.
        timer.due_tick = std::max(tick_of(now + ahead), now / timer_tick_ns + 1);
        wheel.arm(timer, MonotonicTime{now + ahead});
        due.emplace(timer.due_tick, timer.index);
    }
    void disarm(Counted& timer) {
        wheel.disarm(timer);
        forget(timer);
    }
    void forget(Counted& timer) {
        auto range = due.equal_range(timer.due_tick);
        for (auto i = range.first; i != range.second; ++i) {
            if (i->second != timer.index) continue;
            due.erase(i);
            return;
        }
        FAIL() << "fired or disarmed, but not due";
    }
    void fired(Counted& timer) {
        EXPECT_FALSE(timer.armed());
        EXPECT_LE(timer.due_tick, advancing_to / timer_tick_ns);
        EXPECT_GE(timer.due_tick, last_fired_tick);
        EXPECT_EQ(timer.due_tick, due.begin()->first);
        last_fired_tick = timer.due_tick;
        forget(timer);
    }
    void advance() {
        std::int64_t jump = std::int64_t(random.below(std::uint64_t{1} << random.below(59)));
        MonotonicTime next = wheel.next_deadline();
        if (random.chance(0.5) && next != never) jump = std::max<std::int64_t>(next.ns - now, 0);
        advancing_to = now + std::min(jump, INT64_MAX / 2 - std::min(now, INT64_MAX / 2));
        last_fired_tick = 0;
        wheel.advance(MonotonicTime{advancing_to});
        now = advancing_to;
        while (!due.empty() && due.begin()->first <= now / timer_tick_ns) {
            FAIL() << "due at " << due.begin()->first << ", not fired";
        }
    }
    void check_next_deadline() const {
        MonotonicTime next = wheel.next_deadline();
        EXPECT_EQ(wheel.empty(), due.empty());
        EXPECT_EQ(next == never, due.empty());
        if (due.empty()) return;
        // Never later than the first timer; it may come early to sort far ones into lower levels.
        if (due.begin()->first < INT64_MAX / timer_tick_ns) {
            EXPECT_LE(next.ns, due.begin()->first * timer_tick_ns);
        }
        EXPECT_GT(next.ns, now / timer_tick_ns * timer_tick_ns);
    }

    sim::Random random;
    std::int64_t now;
    std::int64_t advancing_to = 0;
    std::int64_t last_fired_tick = 0;
    TimerWheel wheel;
    std::vector<std::unique_ptr<Counted>> timers;
    std::multimap<std::int64_t, std::size_t> due;
};

TEST(TimerWheel, AgreesWithASortedMap) {
    for (std::uint64_t seed = 0; seed < 300 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Model model(seed);
        for (int step = 0; step < 300 && !testing::Test::HasFailure(); ++step) {
            Counted& timer = *model.timers[model.random.below(model.timers.size())];
            if (model.random.chance(0.3)) {
                model.advance();
            } else if (timer.armed()) {
                model.disarm(timer);
            } else {
                model.arm(timer);
            }
            model.check_next_deadline();
        }
    }
}

struct Rearming : Timer {
    TimerWheel* on = nullptr;
    MonotonicTime at;
    int fired = 0;
};

TEST(TimerWheel, TimerMayArmItselfAgainWhileItFires) {
    TimerWheel wheel(MonotonicTime{0});
    Rearming timer;
    timer.on = &wheel;
    timer.fire = [](Timer& fired) {
        auto& self = static_cast<Rearming&>(fired);
        self.at = self.at + milliseconds(3);
        if (++self.fired < 100) self.on->arm(self, self.at);
    };
    timer.at = MonotonicTime{milliseconds(3).ns};
    wheel.arm(timer, timer.at);
    wheel.advance(MonotonicTime{seconds(1).ns});
    EXPECT_EQ(timer.fired, 100);
    EXPECT_TRUE(wheel.empty());
}

struct Killer : Timer {
    Timer* victim = nullptr;
};

TEST(TimerWheel, TimerMayDisarmAnotherOfItsSlot) {
    TimerWheel wheel(MonotonicTime{0});
    Killer a;
    Killer b;
    a.victim = &b;
    b.victim = &a;
    a.fire = b.fire = [](Timer& fired) { static_cast<Killer&>(fired).victim->disarm(); };
    wheel.arm(a, MonotonicTime{milliseconds(5).ns});
    wheel.arm(b, MonotonicTime{milliseconds(5).ns});
    wheel.advance(MonotonicTime{seconds(1).ns});
    EXPECT_TRUE(wheel.empty());
    EXPECT_FALSE(a.armed() || b.armed());
}

}  // namespace
}  // namespace postern::engine
