// The order of attempts, limits and back-off of destinations; pure.
#include "queue/scheduler.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace postern::queue {
namespace {

constexpr Milliseconds nothing_due = std::numeric_limits<Milliseconds>::max();
constexpr Milliseconds now = 1'000'000'000;
constexpr std::uint32_t middle = 512;

Route to(std::string host) {
    return {RouteKind::mx, std::move(host), 25};
}

EntryFacts entry(EntryId id, Seconds due_s = 0, std::int8_t priority = 0) {
    EntryFacts facts;
    facts.id = id;
    facts.arrived_s = now / 1000;
    facts.due_s = due_s;
    facts.expires_s = now / 1000 + 1000;
    facts.priority = priority;
    return facts;
}

Policy small() {
    Policy policy;
    policy.concurrency_first = 2;
    policy.concurrency_max = 4;
    policy.attempts_max = 10;
    return policy;
}

// All that may start now.
std::vector<EntryId> start_all(Scheduler& scheduler, Milliseconds at = now) {
    std::vector<EntryId> ids;
    while (const auto id = scheduler.start(at)) ids.push_back(*id);
    return ids;
}

TEST(Scheduler, NothingStartsBeforeItsTime) {
    Scheduler scheduler(small());
    EXPECT_EQ(scheduler.next_time(), nothing_due);
    EXPECT_FALSE(scheduler.start(now));
    EXPECT_TRUE(scheduler.add(entry(1, now / 1000 + 5), to("a")));
    EXPECT_FALSE(scheduler.add(entry(1), to("a")));
    EXPECT_FALSE(scheduler.start(now + 4'999));
    EXPECT_EQ(scheduler.next_time(), now + 5'000);
    EXPECT_EQ(scheduler.start(now + 5'000), EntryId{1});
    EXPECT_FALSE(scheduler.start(now + 5'000));
}

TEST(Scheduler, HeldEntriesWaitForTheirRelease) {
    Scheduler scheduler(small());
    auto facts = entry(1);
    facts.is_held = true;
    scheduler.add(facts, to("a"));
    EXPECT_FALSE(scheduler.start(now));
    scheduler.retry(1, now);
    EXPECT_FALSE(scheduler.start(now));
    scheduler.release(1, now);
    EXPECT_EQ(scheduler.start(now), EntryId{1});
}

TEST(Scheduler, ADestinationHasALimitAndOthersDoNotWait) {
    Scheduler scheduler(small());
    for (EntryId id = 1; id <= 5; ++id) scheduler.add(entry(id), to("a"));
    scheduler.add(entry(6), to("b"));
    EXPECT_EQ(start_all(scheduler).size(), 3u);
    EXPECT_EQ(scheduler.active(), 3u);
}

TEST(Scheduler, ThereIsACapInTotal) {
    Scheduler scheduler(small());
    for (EntryId id = 1; id <= 20; ++id) scheduler.add(entry(id), to(std::to_string(id)));
    EXPECT_EQ(start_all(scheduler).size(), 10u);
    EXPECT_EQ(scheduler.next_time(), nothing_due);
    scheduler.remove(1, now);
    EXPECT_EQ(start_all(scheduler).size(), 1u);
}

TEST(Scheduler, SuccessWidensAndThrottlingHalves) {
    Scheduler scheduler(small());
    for (EntryId id = 1; id <= 40; ++id) scheduler.add(entry(id), to("a"));
    EXPECT_EQ(start_all(scheduler).size(), 2u);
    for (EntryId id = 1; id <= 20; ++id) {
        scheduler.judge(id, DestinationVerdict::reachable, "", now, middle);
        scheduler.remove(id, now);
        start_all(scheduler);
    }
    EXPECT_EQ(scheduler.active(), 4u);
    scheduler.judge(21, DestinationVerdict::throttled, "421 too many", now, middle);
    scheduler.again(21, now / 1000 + 500, now);
    scheduler.judge(22, DestinationVerdict::throttled, "421 too many", now, middle);
    scheduler.again(22, now / 1000 + 500, now);
    const auto status = scheduler.destinations();
    ASSERT_EQ(status.size(), 1u);
    EXPECT_EQ(status[0].limit, 1u);
    EXPECT_EQ(status[0].last_problem, "421 too many");
}

TEST(Scheduler, ADeadDestinationCostsOneProbe) {
    Scheduler scheduler(small());
    for (EntryId id = 1; id <= 10'000; ++id) scheduler.add(entry(id), to("dead"));
    auto ids = start_all(scheduler);
    ASSERT_EQ(ids.size(), 2u);
    Milliseconds at = now;
    std::size_t probes = 0;
    Seconds blocked = 0;
    for (int round = 0; round < 10; ++round) {
        for (EntryId id : ids) {
            scheduler.count_attempt(id);
            blocked = scheduler.judge(id, DestinationVerdict::unreachable, "no route", at, middle);
            scheduler.again(id, blocked, at);
        }
        EXPECT_GT(blocked * 1000, at);
        EXPECT_TRUE(start_all(scheduler, blocked * 1000 - 1001).empty());
        at = blocked * 1000;
        ids = start_all(scheduler, at);
        probes += ids.size();
    }
    EXPECT_EQ(probes, 10u);
    EXPECT_GT(at - now, 3'600'000);
    // It answers again: everybody goes.
    scheduler.judge(ids[0], DestinationVerdict::reachable, "", at, middle);
    scheduler.remove(ids[0], at);
    EXPECT_EQ(start_all(scheduler, at).size(), 2u);
}

TEST(Scheduler, AnotherEntryIsTheNextProbe) {
    Scheduler scheduler(small());
    scheduler.add(entry(1), to("a"));
    scheduler.add(entry(2), to("a"));
    ASSERT_EQ(scheduler.start(now), EntryId{1});
    ASSERT_EQ(scheduler.start(now), EntryId{2});
    const auto blocked = scheduler.judge(1, DestinationVerdict::unreachable, "", now, middle);
    scheduler.again(1, blocked, now);
    EXPECT_EQ(scheduler.judge(2, DestinationVerdict::unreachable, "", now, middle), blocked);
    scheduler.again(2, blocked - 1, now);
    EXPECT_EQ(scheduler.start(blocked * 1000), EntryId{2});
    EXPECT_FALSE(scheduler.start(blocked * 1000));
}

TEST(Scheduler, UrgentEntriesGoFirst) {
    auto policy = small();
    policy.concurrency_first = 1;
    Scheduler scheduler(policy);
    scheduler.add(entry(1, 0, -4), to("a"));
    scheduler.add(entry(2, 0, 0), to("a"));
    scheduler.add(entry(3, 0, 4), to("a"));
    for (EntryId expected : {EntryId{3}, EntryId{2}, EntryId{1}}) {
        ASSERT_EQ(scheduler.start(now), expected);
        scheduler.remove(expected, now);
    }
}

TEST(Scheduler, DestinationsTakeTurns) {
    auto policy = small();
    policy.attempts_max = 1;
    Scheduler scheduler(policy);
    for (EntryId id = 1; id <= 4; ++id) scheduler.add(entry(id), to(id % 2 == 0 ? "even" : "odd"));
    std::vector<EntryId> parity;
    for (Milliseconds at = now; scheduler.size() > 0; ++at) {
        const auto id = scheduler.start(at);
        ASSERT_TRUE(id);
        parity.push_back(*id % 2);
        scheduler.remove(*id, at);
    }
    EXPECT_EQ(parity, (std::vector<EntryId>{1, 0, 1, 0}));
}

TEST(Scheduler, ARateLimitSpacesStarts) {
    auto policy = small();
    policy.starts_per_minute_max = 60;
    Scheduler scheduler(policy);
    scheduler.add(entry(1), to("a"));
    scheduler.add(entry(2), to("a"));
    EXPECT_EQ(start_all(scheduler).size(), 1u);
    EXPECT_EQ(scheduler.next_time(), now + 1000);
    EXPECT_EQ(start_all(scheduler, now + 1000).size(), 1u);
}

// "slow" may have one at once and two a minute, "wide" more than others.
class SlowRouter final : public Router {
 public:
    Route route_of(std::string_view, std::string_view) const override { return {}; }
    DestinationRules rules_of(const Route& route) const override {
        DestinationRules rules;
        if (route.host == "slow") rules.concurrency_max = 1;
        if (route.host == "slow") rules.starts_per_minute_max = 2;
        if (route.host == "wide") rules.concurrency_max = 8;
        return rules;
    }
};

TEST(Scheduler, DestinationsMayHaveLimitsOfTheirOwn) {
    Policy policy = small();
    policy.starts_per_minute_max = 60'000;
    Scheduler scheduler(policy, std::make_shared<SlowRouter>());
    for (EntryId id = 1; id <= 5; ++id) scheduler.add(entry(id), to("slow"));
    for (EntryId id = 11; id <= 15; ++id) scheduler.add(entry(id), to("usual"));
    EXPECT_EQ(start_all(scheduler).size(), 2u) << "one of each";
    EXPECT_EQ(start_all(scheduler, now + 10).size(), 1u) << "of the usual one";
    EXPECT_EQ(scheduler.active(), 3u);
    scheduler.judge(1, DestinationVerdict::reachable, "", now + 20, middle);
    scheduler.remove(1, now + 20);
    EXPECT_TRUE(start_all(scheduler, now + 29'999).empty());
    EXPECT_EQ(start_all(scheduler, now + 30'000), std::vector<EntryId>{2});
    const auto status = scheduler.destinations();
    EXPECT_EQ(status.at(0).key, "mx:slow");
    EXPECT_EQ(status[0].limit, 1u);
    EXPECT_EQ(status[0].starts_per_minute_max, 2u);
    EXPECT_EQ(status.at(1).starts_per_minute_max, 60'000u);
}

TEST(Scheduler, AWiderLimitIsReachedBySuccess) {
    Scheduler scheduler(small(), std::make_shared<SlowRouter>());
    for (EntryId id = 1; id <= 200; ++id) scheduler.add(entry(id), to("wide"));
    for (EntryId id = 1; id <= 100; ++id) {
        start_all(scheduler);
        scheduler.judge(id, DestinationVerdict::reachable, "", now, middle);
        scheduler.remove(id, now);
    }
    EXPECT_EQ(scheduler.destinations().at(0).limit, 8u);
}

TEST(Scheduler, SuspendedDestinationsWait) {
    Scheduler scheduler(small());
    scheduler.add(entry(1), to("a"));
    scheduler.suspend("mx:a");
    scheduler.suspend("mx:b");
    EXPECT_FALSE(scheduler.start(now));
    scheduler.add(entry(2), to("b"));
    EXPECT_FALSE(scheduler.start(now));
    scheduler.resume("mx:a", now);
    scheduler.resume("mx:unknown", now);
    EXPECT_EQ(scheduler.start(now), EntryId{1});
    EXPECT_FALSE(scheduler.start(now));
}

TEST(Scheduler, RetryEndsTheBackOff) {
    Scheduler scheduler(small());
    scheduler.add(entry(1), to("a"));
    ASSERT_TRUE(scheduler.start(now));
    const auto blocked = scheduler.judge(1, DestinationVerdict::unreachable, "", now, middle);
    scheduler.again(1, blocked, now);
    EXPECT_FALSE(scheduler.start(now + 1));
    scheduler.retry(1, now + 1);
    EXPECT_EQ(scheduler.start(now + 1), EntryId{1});
}

TEST(Scheduler, KnowsWhatIsOverdue) {
    Scheduler scheduler(small());
    auto facts = entry(1);
    facts.notice_s = now / 1000 + 100;
    scheduler.add(facts, to("a"));
    scheduler.add(entry(2), to("a"));
    facts.id = 3;
    facts.is_held = true;
    scheduler.add(facts, to("a"));
    const Seconds start = now / 1000;
    EXPECT_TRUE(scheduler.overdue(start + 99, 10).empty());
    EXPECT_EQ(scheduler.overdue(start + 100, 10), std::vector<EntryId>{1});
    scheduler.claim(1, now);
    EXPECT_TRUE(scheduler.overdue(start + 100, 10).empty());
    scheduler.set_notified(1);
    scheduler.again(1, 0, now);
    EXPECT_TRUE(scheduler.overdue(start + 999, 10).empty());
    EXPECT_EQ(scheduler.overdue(start + 1000, 10).size(), 2u);
    EXPECT_EQ(scheduler.overdue(start + 1000, 1).size(), 1u);
}

TEST(Scheduler, ForgetsDestinationsThatNothingGoesTo) {
    Scheduler scheduler(small());
    scheduler.add(entry(1), to("a"));
    ASSERT_TRUE(scheduler.start(now));
    const auto blocked = scheduler.judge(1, DestinationVerdict::unreachable, "", now, middle);
    scheduler.remove(1, now);
    scheduler.overdue(now / 1000, 10);
    EXPECT_EQ(scheduler.destinations().size(), 1u);
    scheduler.overdue(blocked, 10);
    EXPECT_TRUE(scheduler.destinations().empty());
    EXPECT_EQ(scheduler.next_time(), nothing_due);
}

}  // namespace
}  // namespace postern::queue
