// Histograms and what is printed of them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "load/figures.hpp"
#include "load/latency.hpp"
#include "load/report.hpp"

namespace postern::bench {
namespace {

// Within the width of a bucket.
void expect_near(Duration value, Duration wanted) {
    EXPECT_NEAR(double(value.ns), double(wanted.ns), double(wanted.ns) * 0.0011);
}

TEST(Latency, NothingHasNoPercentiles) {
    const Latency latency;
    EXPECT_EQ(latency.count(), 0u);
    EXPECT_EQ(latency.percentile(50).ns, 0);
    EXPECT_EQ(latency.largest().ns, 0);
    EXPECT_EQ(latency.mean().ns, 0);
}

TEST(Latency, PercentilesOfAThousandValues) {
    Latency latency;
    for (int i = 1; i <= 1000; ++i) latency.record(microseconds(i * 100));
    EXPECT_EQ(latency.count(), 1000u);
    expect_near(latency.percentile(50), milliseconds(50));
    expect_near(latency.percentile(99), milliseconds(99));
    expect_near(latency.percentile(99.9), microseconds(99'900));
    EXPECT_EQ(latency.percentile(100), milliseconds(100));
    expect_near(latency.percentile(0), microseconds(100));
    expect_near(latency.mean(), microseconds(50'050));
}

TEST(Latency, BeyondTheEndsIsCountedAndTheLargestIsExact) {
    Latency latency;
    latency.record(nanoseconds(0));
    latency.record(nanoseconds(3));
    latency.record(seconds(5000));
    EXPECT_EQ(latency.count(), 3u);
    EXPECT_LE(latency.percentile(50), microseconds(1));
    EXPECT_EQ(latency.largest(), seconds(5000));
    EXPECT_GE(latency.percentile(100), seconds(1000));
}

TEST(Latency, MergedIsAsIfRecordedTogether) {
    Latency fast, slow;
    for (int i = 0; i < 90; ++i) fast.record(milliseconds(1));
    for (int i = 0; i < 10; ++i) slow.record(milliseconds(100));
    fast.merge(slow);
    EXPECT_EQ(fast.count(), 100u);
    expect_near(fast.percentile(90), milliseconds(1));
    expect_near(fast.percentile(91), milliseconds(100));
    EXPECT_EQ(fast.largest(), milliseconds(100));
}

TEST(Report, SpreadOfOddAndEven) {
    EXPECT_EQ(spread_of({5}).median, 5);
    const Spread odd = spread_of({9, 1, 4});
    EXPECT_EQ(odd.min, 1);
    EXPECT_EQ(odd.median, 4);
    EXPECT_EQ(odd.max, 9);
    EXPECT_EQ(spread_of({4, 1, 2, 3}).median, 2.5);
}

Settings some_settings() {
    Settings settings;
    settings.target.port = 25;
    settings.sizes = *parse_sizes("4k");
    settings.server_pids = {1};
    return settings;
}

Outcome three_repetitions() {
    Outcome outcome;
    for (int i = 1; i <= 3; ++i) {
        Repetition repetition;
        repetition.elapsed_s = i;
        for (int k = 0; k < 600; ++k) repetition.tally.record(Done{}, milliseconds(i));
        repetition.used.cpu_s = 0.3 * i;
        outcome.repetitions.push_back(std::move(repetition));
    }
    return outcome;
}

TEST(Report, JsonHoldsRepetitionsAndTheirSpread) {
    const auto json = nlohmann::json::parse(format_json(some_settings(), three_repetitions()));
    EXPECT_EQ(json["workload"], "smtp");
    ASSERT_EQ(json["repetitions"].size(), 3u);
    EXPECT_EQ(json["repetitions"][0]["operations"], 600);
    EXPECT_EQ(json["summary"]["operations_per_s"]["min"], 200);
    EXPECT_EQ(json["summary"]["operations_per_s"]["median"], 300);
    EXPECT_EQ(json["summary"]["operations_per_s"]["max"], 600);
    EXPECT_NEAR(json["summary"]["cpu_s_per_1000_operations"]["median"], 1.0, 1e-9);
    EXPECT_EQ(json["exit_status"], 0);
}

TEST(Report, FailuresAndLossesAreSaidAndDecideTheStatus) {
    Outcome outcome = three_repetitions();
    EXPECT_EQ(outcome.exit_status(), 0);
    outcome.verdict.emplace();
    EXPECT_EQ(outcome.exit_status(), 0);
    outcome.verdict->lost = 1;
    EXPECT_EQ(outcome.exit_status(), 1);
    EXPECT_NE(format_table(some_settings(), outcome).find("1 lost"), std::string::npos);
    outcome.verdict.reset();
    const Error error{ErrorKind::gone, ErrorCode::reset, 0, "send"};
    outcome.repetitions[0].tally.fail("RCPT: 550 no", error);
    EXPECT_EQ(outcome.exit_status(), 1);
    EXPECT_NE(format_table(some_settings(), outcome).find("1 times RCPT: 550 no"),
              std::string::npos);
}

TEST(Tally, TroublesAreBounded) {
    Tally tally;
    const Error error{ErrorKind::gone, ErrorCode::reset, 0, "send"};
    for (int i = 0; i < 1000; ++i) tally.fail("words " + std::to_string(i), error);
    EXPECT_EQ(tally.failures, 1000u);
    EXPECT_EQ(tally.troubles.size(), distinct_troubles_max + 1);
    EXPECT_EQ(tally.troubles["others"], 1000 - distinct_troubles_max);
}

// Fields of kernel documentation, block/stat; older kernels have eleven.
TEST(ServerUsage, DiskStatistics) {
    const DiskUsage all = parse_disk_stat("1 2 3 4 5 6 70 8 9 10 11 12 13 14 15 160 17\n");
    EXPECT_EQ(all.flushes, 160u);
    EXPECT_EQ(all.written_bytes, 70u * 512);
    EXPECT_EQ(parse_disk_stat("1 2 3 4 5 6 70 8 9 10 11\n").flushes, 0u);
    EXPECT_EQ(parse_disk_stat("").written_bytes, 0u);
}

TEST(ServerUsage, WhatEndedWithItsProcessIsNotNegative) {
    Usage before, after;
    before.read_write_calls = 10;
    after.read_write_calls = 3;
    before.disk_flushes = 4;
    after.disk_flushes = 9;
    const Usage used = after - before;
    EXPECT_EQ(used.read_write_calls, 0u);
    EXPECT_EQ(used.disk_flushes, 5u);
}

TEST(Report, OfTheServerOnlyWhatWasCountedIsSaid) {
    Settings settings = some_settings();
    Outcome outcome = three_repetitions();
    EXPECT_EQ(format_table(settings, outcome).find("syscalls/op"), std::string::npos);
    EXPECT_EQ(format_table(settings, outcome).find("flushes/op"), std::string::npos);
    settings.server_disk = "/";
    outcome.counted_system_calls = true;
    outcome.repetitions[0].used.system_calls = 6000;
    EXPECT_NE(format_table(settings, outcome).find("syscalls/op"), std::string::npos);
    EXPECT_NE(format_table(settings, outcome).find("flushes/op"), std::string::npos);
    const auto json = nlohmann::json::parse(format_json(settings, outcome));
    EXPECT_EQ(json["summary"]["system_calls_per_operation"]["max"], 10);
    outcome.remark = "system calls: no tracefs";
    EXPECT_NE(format_table(settings, outcome).find("no tracefs"), std::string::npos);
}

TEST(Report, ALimitThatWasFoundIsNoFailureHoweverItWasFound) {
    Settings settings = some_settings();
    settings.goal = {milliseconds(5), 100};
    Outcome outcome = three_repetitions();
    const Error error{ErrorKind::gone, ErrorCode::reset, 0, "send"};
    outcome.repetitions[2].tally.fail("too much", error);
    outcome.repetitions[2].held = Held::no;
    outcome.limit_per_s = 300;
    EXPECT_EQ(outcome.exit_status(), 0);
    EXPECT_NE(format_table(settings, outcome).find("limit: 300.0"), std::string::npos);
    outcome.limit_per_s = 0;
    EXPECT_EQ(outcome.exit_status(), 1);
}

TEST(ServerUsage, DescendantsAreFoundInAnyOrder) {
    const std::vector<ProcessParent> all = {{9, 7}, {2, 1}, {7, 2}, {5, 4}, {8, 2}};
    auto found = with_descendants({2}, all);
    std::ranges::sort(found);
    EXPECT_EQ(found, (std::vector<int>{2, 7, 8, 9}));
}

}  // namespace
}  // namespace postern::bench
