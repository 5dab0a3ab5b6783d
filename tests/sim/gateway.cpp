// Starting and stopping; see gateway.hpp.
#include "sim/gateway.hpp"

namespace postern::sim {

using engine::task;

namespace {

constexpr Duration start_patience = minutes(5);
constexpr Duration drain_patience = seconds(30);
constexpr Duration close_patience = minutes(5);

enum class Progress : std::uint8_t { running, done, failed };

task<void> start_store(store::Store* store, Progress* progress) {
    auto started = co_await store->start();
    *progress = started ? Progress::done : Progress::failed;
}

task<void> close_store(store::Store* store) {
    co_await store->close();
}

}  // namespace

Gateway::Gateway(World& world, unsigned shards, unsigned accounts)
    : world_(world), machine_(world.add_machine("10.0.0.1", shards)) {
    for (unsigned i = 0; i < accounts; ++i) {
        directories_.push_back(store::account_directory("sim.test", "user" + std::to_string(i)));
    }
}

Gateway::~Gateway() {
    if (machine_.is_running()) kill();
}

bool Gateway::start() {
    machine_.boot();
    store_ = std::make_unique<store::Store>("/data", machine_.shard_count());
    Progress progress = Progress::running;
    machine_.spawn(0, start_store(store_.get(), &progress));
    world_.run_until([&] { return progress != Progress::running; }, world_.now() + start_patience);
    if (progress == Progress::done) return true;
    world_.say("gateway", "start failed");
    kill();
    return false;
}

// With a shard current, because destructors close files.
void Gateway::forget_services() {
    machine_.enter(0, [this] { store_.reset(); });
    machine_.shut_down();
}

void Gateway::power_cut() {
    machine_.power_cut();
    forget_services();
}

void Gateway::kill() {
    machine_.kill();
    forget_services();
}

void Gateway::stop() {
    world_.note("stop", 0);
    for (unsigned i = 0; i < machine_.shard_count(); ++i) {
        machine_.enter(i, [&] { machine_.shard(i).root().drain(); });
    }
    world_.run_until([this] { return machine_.is_idle(); }, world_.now() + drain_patience);
    for (unsigned i = 0; i < machine_.shard_count(); ++i) {
        machine_.enter(i, [&] { machine_.shard(i).root().cancel(); });
    }
    world_.run_until([this] { return machine_.is_idle(); }, world_.now() + close_patience);
    for (unsigned i = 0; i < machine_.shard_count(); ++i) {
        machine_.spawn(i, close_store(store_.get()));
    }
    world_.run_until([this] { return machine_.is_idle(); }, world_.now() + close_patience);
    kill();
}

}  // namespace postern::sim
