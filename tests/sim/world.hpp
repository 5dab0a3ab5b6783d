// sim::World: machines, the network between them and time, all decided by one seed and all on one
// thread. Nothing happens but in step(): the next event, or a turn of a shard picked by chance;
// when nobody has anything to do, time moves to the next event or deadline. The same seed gives
// the same trace, which a hash tells.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "sim/network.hpp"
#include "sim/plan.hpp"
#include "sim/random.hpp"

namespace postern::sim {

class Kernel;

class World {
 public:
    using EventKey = std::pair<std::int64_t, std::uint64_t>;  // time, tie break

    explicit World(std::uint64_t seed, Plan plan = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Not running yet; lives as long as the world. `address` is its only one, besides 127.0.0.1.
    Machine& add_machine(std::string address, unsigned shards);
    Machine* machine_at(const std::string& address);

    MonotonicTime now() const { return now_; }
    WallTime wall_now() const { return {now_.ns + wall_offset_ns_}; }
    Random& random() { return random_; }
    Network& network() { return network_; }
    Plan& plan() { return plan_; }
    std::uint64_t next_id() { return next_id_++; }
    Duration draw(const Latency& latency);

    EventKey after(Duration delay, std::function<void()> action);
    void forget(EventKey key) { events_.erase(key); }

    // One event or one turn, or time moving on. False: nothing happens until `limit`, and it is
    // now.
    bool step(MonotonicTime limit);
    // True when the condition came true, false at the deadline.
    bool run_until(const std::function<bool()>& condition, MonotonicTime deadline);
    void run_for(Duration duration);
    // Steps until the kernel has completions or the deadline is there (run_once of a busy shard).
    void wait_for(const Kernel& kernel, MonotonicTime deadline);

    // What happened, as numbers for the hash, and as text on stderr when tracing.
    void note(const char* what, std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0);
    void say(const char* who, std::string_view what);
    std::uint64_t trace_hash() const { return trace_hash_; }
    std::uint64_t steps() const { return steps_; }
    void trace_to_stderr() { tracing_ = true; }
    bool tracing() const { return tracing_; }

    // Operations on descriptors that are not open: always a bug of the program.
    std::uint64_t bad_descriptors = 0;

 private:
    bool turn_somebody();
    MonotonicTime next_moment() const;

    Plan plan_;
    Random random_;
    MonotonicTime now_;
    std::int64_t wall_offset_ns_;
    std::uint64_t next_id_ = 1;
    std::uint64_t trace_hash_ = 0xcbf29ce484222325u;
    std::uint64_t steps_ = 0;
    bool tracing_ = false;
    std::map<EventKey, std::function<void()>> events_;
    Network network_;
    std::vector<std::unique_ptr<Machine>> machines_;
};

}  // namespace postern::sim
