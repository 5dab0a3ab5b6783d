// Threads for shards; see shard_group.hpp.
#include "engine/shard_group.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/uring_kernel.hpp"

namespace postern::engine {
namespace {

std::vector<int> allowed_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<int> cores;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (int core = 0; core < CPU_SETSIZE; ++core) {
            if (CPU_ISSET(core, &set)) cores.push_back(core);
        }
    }
    if (cores.empty()) cores.push_back(0);
    return cores;
}

void pin_to(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

// What the threads share while they start: every ring must exist before the first message.
struct Start {
    explicit Start(unsigned count) : ring_fds(count, -1), kernels(count), everyone(count) {}
    std::vector<int> ring_fds;
    // Destroyed by the starting thread when all shards have ended: rings close only when nobody
    // sends any more, and a shard's own thread ends without waiting for anybody.
    std::vector<std::unique_ptr<UringKernel>> kernels;
    std::vector<std::string> failures;
    std::mutex mutex;
    std::barrier<> everyone;
    // Whose thread may end: one by one, as the C library gives up a thread's memory under a lock,
    // which a shard under forbid_blocking_calls must not meet taken.
    std::atomic<unsigned> ending = 0;
};

void run_one(unsigned id, const ShardGroupOptions& options, int core, Start& start,
             const std::function<task<void>(Shard&)>& main) {
    UringOptions uring;
    uring.offload_threads = options.offload_threads;
    auto kernel = UringKernel::create(uring);  // before pinning: pool threads roam
    if (options.pin == PinThreads::yes) pin_to(core);
    if (kernel) {
        start.ring_fds[id] = (*kernel)->ring_fd();
        start.kernels[id] = std::move(*kernel);
    } else {
        std::lock_guard lock(start.mutex);
        start.failures.push_back(kernel.error());
    }
    start.everyone.arrive_and_wait();
    if (!start.failures.empty()) return;
    UringKernel& ring = *start.kernels[id];
    ring.set_peers(start.ring_fds);
    Shard shard(id, options.shard_count, ring);
    {
        Shard::Enter enter(shard);
        shard.root().spawn(main(shard));
    }
    shard.run();
    while (start.ending != id) std::this_thread::yield();
}

}  // namespace

unsigned available_cores() {
    return unsigned(std::min<std::size_t>(allowed_cores().size(), shards_max));
}

std::optional<std::string> run_shards(ShardGroupOptions options,
                                      const std::function<task<void>(Shard&)>& main) {
    if (options.shard_count == 0) options.shard_count = available_cores();
    options.shard_count = std::min(options.shard_count, shards_max);
    const std::vector<int> cores = allowed_cores();
    Start start(options.shard_count);
    std::vector<std::thread> threads;
    for (unsigned id = 0; id < options.shard_count; ++id) {
        int core = cores[id % cores.size()];
        threads.emplace_back([&, id, core] { run_one(id, options, core, start, main); });
    }
    for (auto& thread : threads) {
        thread.join();
        ++start.ending;
    }
    if (start.failures.empty()) return std::nullopt;
    return start.failures.front();
}

}  // namespace postern::engine
