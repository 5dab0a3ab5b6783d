// What the engine costs: awaiting a coroutine that does not wait, switching between two that do,
// spawning a task, a message to another shard and back, a job in the offload pool. On a real ring.
//   ninja -C build-release bench/micro/engine_bench && build-release/bench/micro/engine_bench
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "engine/event.hpp"
#include "engine/io.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"
#include "engine/shard_group.hpp"
#include "engine/uring_kernel.hpp"

namespace {

namespace engine = postern::engine;
using engine::task;
using postern::Result;

// Runs `work(state)` to its end on a shard of its own.
template <class Work>
void on_shard(benchmark::State& state, Work work) {
    auto kernel = engine::UringKernel::create({});
    if (!kernel) std::abort();
    engine::Shard shard(0, 1, **kernel);
    engine::run_to_end(shard, work(&state));
}

task<Result<int>> leaf(int value) {
    co_return value;
}

task<void> await_leaves(benchmark::State* state) {
    int sum = 0;
    for (auto _ : *state) {
        auto value = co_await leaf(sum & 1);
        sum += *value;
    }
    benchmark::DoNotOptimize(sum);
}
void await_child(benchmark::State& state) {
    on_shard(state, await_leaves);
}
BENCHMARK(await_child);

struct Pair {
    engine::Event ping;
    engine::Event pong;
    bool ended = false;
};

task<void> answer(Pair* pair) {
    for (;;) {
        co_await pair->ping.wait();
        if (pair->ended) co_return;
        pair->pong.set();
    }
}

// There and back: two switches.
task<void> play(benchmark::State* state) {
    Pair pair;
    engine::Scope scope;
    scope.spawn(answer(&pair));
    for (auto _ : *state) {
        pair.ping.set();
        co_await pair.pong.wait();
    }
    pair.ended = true;
    pair.ping.set();
    co_await scope.join();
}
void switch_and_back(benchmark::State& state) {
    on_shard(state, play);
}
BENCHMARK(switch_and_back);

task<void> nothing() {
    co_return;
}
task<void> spawn_and_join(benchmark::State* state) {
    for (auto _ : *state) {
        engine::Scope scope;
        scope.spawn(nothing());
        co_await scope.join();
    }
}
void spawn_task(benchmark::State& state) {
    on_shard(state, spawn_and_join);
}
BENCHMARK(spawn_task);

task<void> offload_jobs(benchmark::State* state) {
    for (auto _ : *state) {
        const auto work = [] { return 1; };
        benchmark::DoNotOptimize(co_await engine::offload(work));
    }
}
void offload_job(benchmark::State& state) {
    on_shard(state, offload_jobs);
}
BENCHMARK(offload_job)->UseRealTime();

task<int> one() {
    co_return 1;
}
task<void> call_other(benchmark::State* state) {
    for (auto _ : *state) {
        benchmark::DoNotOptimize(co_await engine::call_on(1, [] { return one(); }));
    }
    engine::post_to(1, [] { engine::Shard::current().stop(); });
    engine::Shard::current().stop();
}
task<void> wait_for_calls() {
    co_return;
}
// A message to another core and its answer: IORING_OP_MSG_RING both ways.
void call_other_shard(benchmark::State& state) {
    engine::ShardGroupOptions options;
    options.shard_count = 2;
    const auto failure = engine::run_shards(options, [&state](engine::Shard& shard) {
        return shard.id() == 0 ? call_other(&state) : wait_for_calls();
    });
    if (failure) state.SkipWithError(failure->c_str());
}
BENCHMARK(call_other_shard)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
