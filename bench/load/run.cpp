// The conductor; see run.hpp. What the shards share is the Run: each touches its own worker only.
#include "load/run.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/hex.hpp"
#include "engine/event.hpp"
#include "engine/io.hpp"
#include "engine/shard_group.hpp"
#include "load/collect.hpp"
#include "load/idle.hpp"
#include "load/null_server.hpp"
#include "load/worker.hpp"

namespace postern::bench {

using engine::Shard;
using engine::task;

namespace {

std::shared_ptr<const tls::ClientContext> trusting_context() {
    tls::ClientOptions options;
    options.verification = tls::Verification::none;
    auto context = tls::ClientContext::make(std::move(options));
    return context ? *context : nullptr;
}

struct Run {
    explicit Run(const Settings& settings, std::string name)
        : plan(settings, trusting_context(), std::move(name)),
          verify_peer{settings.verify_target, plan.tls},
          workers(settings.threads) {}

    const Settings& settings() const { return plan.settings; }

    Plan plan;
    Peer verify_peer;
    std::vector<std::unique_ptr<Worker>> workers;  // by shard, which owns it
    Outcome outcome;
    MonotonicTime began;
    const char* phase = "";  // for the progress line
    engine::Scope helpers;   // of shard 0: the sampler
};

task<std::string> open_worker(Run* run, unsigned shard) {
    run->workers[shard] = std::make_unique<Worker>(run->plan, shard);
    co_return co_await run->workers[shard]->open();
}

task<Tally> measure_worker(Run* run, unsigned shard, Pace pace) {
    co_return co_await run->workers[shard]->measure(pace);
}

task<Ledger> close_worker(Run* run, unsigned shard) {
    co_await run->workers[shard]->close();
    Ledger ledger = std::move(run->workers[shard]->ledger());
    run->workers[shard].reset();
    co_return ledger;
}

task<void> open_all(Run* run) {
    run->phase = "opening";
    run->outcome.before_sessions = co_await run->plan.meter.now();
    std::vector<task<std::string>> openings;
    for (unsigned i = 0; i < run->settings().threads; ++i) {
        openings.push_back(engine::call_on(i, [run, i] { return open_worker(run, i); }));
    }
    const auto troubles = co_await engine::when_all(std::move(openings));
    for (const std::string& trouble : troubles) {
        if (!trouble.empty()) run->outcome.trouble = "a session could not be opened: " + trouble;
    }
    run->outcome.with_sessions = co_await run->plan.meter.now();
}

// The part of one shard in the pace of the whole.
Pace share_of(const Settings& settings, unsigned shard, Pace whole) {
    Pace pace = whole;
    pace.rate_per_s /= settings.threads;
    pace.count_max /= settings.threads;
    if (shard < whole.count_max % settings.threads) ++pace.count_max;
    return pace;
}

task<Tally> measure_all(Run* run, Pace whole) {
    std::vector<task<Tally>> measurings;
    for (unsigned i = 0; i < run->settings().threads; ++i) {
        const Pace pace = share_of(run->settings(), i, whole);
        if (whole.count_max != 0 && pace.count_max == 0) continue;  // more threads than operations
        measurings.push_back(
            engine::call_on(i, [run, i, pace] { return measure_worker(run, i, pace); }));
    }
    auto tallies = co_await engine::when_all(std::move(measurings));
    Tally all;
    for (Tally& tally : tallies) all.merge(std::move(tally));
    co_return all;
}

Pace pace_from_now(double rate_per_s, Duration duration, std::uint64_t count) {
    Pace pace;
    pace.start = Shard::current().kernel().now();
    pace.rate_per_s = rate_per_s;
    pace.count_max = count;
    if (count == 0) pace.end = pace.start + duration;
    return pace;
}

double seconds_between(MonotonicTime begin, MonotonicTime end) {
    return double((end - begin).ns) / 1e9;
}

task<Repetition> repeat_once(Run* run, double rate_per_s) {
    const Settings& settings = run->settings();
    engine::Kernel& kernel = Shard::current().kernel();
    const Usage before = co_await run->plan.meter.now();
    const Pace pace = pace_from_now(rate_per_s, settings.duration, settings.count);
    Repetition repetition;
    repetition.began_s = seconds_between(run->began, pace.start);
    repetition.rate_per_s = rate_per_s;
    repetition.tally = co_await measure_all(run, pace);
    repetition.elapsed_s = seconds_between(pace.start, kernel.now());
    const Usage after = co_await run->plan.meter.now();
    repetition.used = after - before;
    co_return repetition;
}

task<void> warm_up(Run* run, double rate_per_s) {
    const Duration duration = run->settings().warm_up;
    if (duration.ns <= 0) co_return;
    run->phase = "warming up";
    co_await measure_all(run, pace_from_now(rate_per_s, duration, 0));
}

task<void> repeat_all(Run* run) {
    const Settings& settings = run->settings();
    co_await warm_up(run, settings.rate_per_s);
    run->phase = "measuring";
    for (unsigned i = 0; i < settings.repetitions; ++i) {
        Repetition repetition = co_await repeat_once(run, settings.rate_per_s);
        run->outcome.repetitions.push_back(std::move(repetition));
    }
}

// Nothing failed, nearly all that was due was done in time, and few waited longer than they may.
Held judge(const Repetition& repetition, const LimitGoal& goal, Duration duration) {
    const Tally& tally = repetition.tally;
    const double due = repetition.rate_per_s * double(duration.ns) / 1e9;
    if (tally.failures > 0) return Held::no;
    if (double(tally.operations) < due * limit_share_min - 1) return Held::no;
    const double in_time_s = double(duration.ns) / 1e9 / limit_share_min;
    if (repetition.elapsed_s > in_time_s + double(goal.p99_max.ns) / 1e9) return Held::no;
    return tally.all_latencies().percentile(99) <= goal.p99_max ? Held::yes : Held::no;
}

task<void> search_limit(Run* run) {
    const Settings& settings = run->settings();
    LimitSearch search(settings.goal->first_rate_per_s);
    co_await warm_up(run, search.next_rate_per_s());
    run->phase = "searching";
    while (!search.is_over()) {
        Repetition repetition = co_await repeat_once(run, search.next_rate_per_s());
        repetition.held = judge(repetition, *settings.goal, settings.duration);
        search.judge(repetition.held);
        run->outcome.repetitions.push_back(std::move(repetition));
    }
    run->outcome.limit_per_s = search.best_per_s();
}

task<void> close_all(Run* run) {
    std::vector<task<Ledger>> closings;
    for (unsigned i = 0; i < run->settings().threads; ++i) {
        closings.push_back(engine::call_on(i, [run, i] { return close_worker(run, i); }));
    }
    auto ledgers = co_await engine::when_all(std::move(closings));
    if (!run->settings().verifies || !run->outcome.trouble.empty()) co_return;
    Ledger all;
    for (Ledger& ledger : ledgers) all.merge(std::move(ledger));
    run->outcome.trouble =
        co_await collect(&run->settings(), &run->verify_peer, run->plan.run, &all);
    run->outcome.verdict = all.judge();
}

task<Interval> take_interval(Run* run, unsigned shard) {
    Interval taken;
    std::swap(taken, *run->plan.intervals[shard]);
    co_return taken;
}

task<Interval> take_all_intervals(Run* run) {
    std::vector<task<Interval>> takings;
    for (unsigned i = 0; i < run->settings().threads; ++i) {
        takings.push_back(engine::call_on(i, [run, i] { return take_interval(run, i); }));
    }
    const auto intervals = co_await engine::when_all(std::move(takings));
    Interval all;
    for (const Interval& interval : intervals) all.merge(interval);
    co_return all;
}

Sample sample_of(const Interval& interval, double begin_s, double end_s) {
    const auto percentile_ms = [&interval](double percent) {
        return double(interval.latency.percentile(percent).ns) / 1e6;
    };
    Sample sample;
    sample.at_s = end_s;
    sample.operations_per_s = double(interval.operations) / (end_s - begin_s);
    sample.failures = interval.failures;
    sample.p50_ms = percentile_ms(50);
    sample.p90_ms = percentile_ms(90);
    sample.p99_ms = percentile_ms(99);
    sample.max_ms = double(interval.latency.largest().ns) / 1e6;
    return sample;
}

void print_progress(const Run& run, const Sample& sample, std::uint64_t operations,
                    std::uint64_t failures) {
    std::fprintf(stderr, "\r%.0f s  %s  %llu operations  %.0f/s  p50 %.2f  p99 %.2f ms",
                 sample.at_s, run.phase, (unsigned long long)operations, sample.operations_per_s,
                 sample.p50_ms, sample.p99_ms);
    if (failures > 0) std::fprintf(stderr, "  %llu failed", (unsigned long long)failures);
    std::fprintf(stderr, "\x1b[K");
}

// Looks at all shards in turns, until the scope is drained.
task<void> take_samples(Run* run, ShowProgress progress) {
    engine::Kernel& kernel = Shard::current().kernel();
    std::uint64_t operations = 0;
    std::uint64_t failures = 0;
    double begin_s = seconds_between(run->began, kernel.now());
    for (;;) {
        auto slept = co_await engine::sleep_until(net::deadline_in(sample_every));
        if (!slept) break;
        const Interval interval = co_await take_all_intervals(run);
        const double end_s = seconds_between(run->began, kernel.now());
        Sample sample = sample_of(interval, begin_s, end_s);
        begin_s = end_s;
        operations += interval.operations;
        failures += interval.failures;
        if (progress == ShowProgress::yes) print_progress(*run, sample, operations, failures);
        if (!run->settings().takes_samples || run->outcome.samples.size() == samples_max) continue;
        sample.server_pss_bytes = co_await run->plan.meter.pss_bytes_now();
        run->outcome.samples.push_back(sample);
    }
    if (progress == ShowProgress::yes) std::fprintf(stderr, "\r\x1b[K");
}

void stop_everybody(unsigned shards) {
    for (unsigned i = 1; i < shards; ++i) {
        engine::post_to(i, [] { Shard::current().stop(); });
    }
    Shard::current().stop();
}

task<void> conduct(Run* run, ShowProgress progress) {
    const Settings& settings = run->settings();
    const bool is_idle = settings.workload == Workload::idle;
    run->began = Shard::current().kernel().now();
    if (progress == ShowProgress::yes || settings.takes_samples) {
        run->helpers.spawn(take_samples(run, progress));
    }
    if (is_idle) {
        co_await run_idle(&run->plan, &run->outcome);
    } else {
        co_await open_all(run);
        if (run->outcome.trouble.empty()) {
            if (settings.goal) {
                co_await search_limit(run);
            } else {
                co_await repeat_all(run);
            }
        }
    }
    run->helpers.drain();
    co_await run->helpers.join();
    if (!is_idle) co_await close_all(run);
}

task<void> conduct_and_stop(Run* run, ShowProgress progress) {
    co_await conduct(run, progress);
    stop_everybody(run->settings().threads);
}

task<void> wait_for_calls() {
    co_return;
}

std::string make_run_name() {
    return to_hex(crypto::random_bytes(8));
}

engine::ShardGroupOptions group_of(unsigned shards) {
    engine::ShardGroupOptions options;
    options.shard_count = shards;
    options.offload_threads = 1;
    options.pin = engine::PinThreads::no;  // the server has its cores
    return options;
}

std::unique_ptr<Run> make_run(const Settings& settings) {
    auto run = std::make_unique<Run>(settings, make_run_name());
    run->outcome.run = run->plan.run;
    run->outcome.remark = run->plan.meter.remark();
    run->outcome.counted_system_calls = run->plan.meter.counts_system_calls();
    return run;
}

}  // namespace

int Outcome::exit_status() const {
    if (!trouble.empty()) return 1;
    if (verdict && !verdict->is_good()) return 1;
    if (limit_per_s) return *limit_per_s > 0 ? 0 : 1;
    const bool any_failed = std::ranges::any_of(
        repetitions, [](const Repetition& repetition) { return repetition.tally.failures > 0; });
    return any_failed ? 1 : 0;
}

Outcome run_load(const Settings& settings, ShowProgress progress) {
    auto run = make_run(settings);
    const auto failure =
        engine::run_shards(group_of(settings.threads), [&run, progress](Shard& shard) {
            if (shard.id() != 0) return wait_for_calls();
            return conduct_and_stop(run.get(), progress);
        });
    if (failure) run->outcome.trouble = *failure;
    return std::move(run->outcome);
}

// ---- the self-test ------------------------------------------------------------------------------

namespace {

struct SelfTest {
    Settings settings;
    std::array<std::uint16_t, 3> ports{};                // by NullProtocol
    std::vector<std::unique_ptr<engine::Scope>> scopes;  // by shard; of the servers
    std::vector<Ceiling> ceilings;
};

task<std::string> start_servers(SelfTest* test, unsigned shard) {
    test->scopes[shard] = std::make_unique<engine::Scope>();
    for (unsigned i = 0; i < test->ports.size(); ++i) {
        auto port = start_null_server(test->scopes[shard].get(), NullProtocol(i), test->ports[i]);
        if (!port) co_return "the null server cannot listen";
        test->ports[i] = *port;
    }
    co_return std::string();
}

task<std::string> stop_servers(SelfTest* test, unsigned shard) {
    test->scopes[shard]->drain();
    test->scopes[shard]->cancel();
    co_await test->scopes[shard]->join();
    test->scopes[shard].reset();
    co_return std::string();
}

task<void> find_ceiling(SelfTest* test, std::string name, NullProtocol protocol, Workload workload,
                        std::string profile) {
    Settings settings = test->settings;
    settings.workload = workload;
    settings.profile = std::move(profile);
    settings.target.port = test->ports[unsigned(protocol)];
    auto run = make_run(settings);
    co_await conduct(run.get(), ShowProgress::no);
    test->ceilings.push_back({std::move(name), std::move(run->outcome)});
}

task<void> conduct_self_test(SelfTest* test) {
    const unsigned threads = test->settings.threads;
    std::string trouble;
    for (unsigned i = threads; i < 2 * threads && trouble.empty(); ++i) {
        trouble = co_await engine::call_on(i, [test, i] { return start_servers(test, i); });
    }
    if (trouble.empty()) {
        co_await find_ceiling(test, "smtp", NullProtocol::smtp, Workload::smtp, "");
        co_await find_ceiling(test, "imap noop", NullProtocol::imap, Workload::imap, "noop");
        co_await find_ceiling(test, "imap body", NullProtocol::imap, Workload::imap, "body");
        co_await find_ceiling(test, "pop3 drain", NullProtocol::pop3, Workload::pop3, "drain");
    }
    for (unsigned i = threads; i < 2 * threads; ++i) {
        if (test->scopes[i] == nullptr) continue;
        co_await engine::call_on(i, [test, i] { return stop_servers(test, i); });
    }
    stop_everybody(2 * threads);
}

}  // namespace

std::vector<Ceiling> run_self_test(Settings settings) {
    SelfTest test;
    test.settings = std::move(settings);
    const unsigned shards = 2 * test.settings.threads;
    test.scopes.resize(shards);
    const auto failure = engine::run_shards(group_of(shards), [&test](Shard& shard) {
        return shard.id() == 0 ? conduct_self_test(&test) : wait_for_calls();
    });
    if (failure) {
        Outcome outcome;
        outcome.trouble = *failure;
        test.ceilings.push_back({"rings", std::move(outcome)});
    }
    return std::move(test.ceilings);
}

}  // namespace postern::bench
