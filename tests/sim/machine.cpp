// Boot, stop and unwind; see machine.hpp.
#include "sim/machine.hpp"

#include <cstdio>
#include <cstdlib>

namespace postern::sim {
namespace {
constexpr unsigned unwind_turns_max = 200'000;
}

Machine::Machine(World& world, std::string address, unsigned shards)
    : world_(world),
      address_(std::move(address)),
      shard_count_(shards),
      disk_(world.random().fork(), world.plan()) {}

Machine::~Machine() = default;

void Machine::boot() {
    assert(!running_);
    shut_down();
    ++boots_;
    world_.note("boot", boots_);
    for (unsigned i = 0; i < shard_count_; ++i) {
        Slot slot;
        slot.kernel = std::make_unique<Kernel>(*this, i);
        slot.shard = std::make_unique<engine::Shard>(i, shard_count_, *slot.kernel);
        slots_.push_back(std::move(slot));
    }
    running_ = true;
}

void Machine::spawn(unsigned shard, engine::task<void> work) {
    engine::Shard::Enter enter(*slots_[shard].shard);
    slots_[shard].shard->root().spawn(std::move(work));
}

void Machine::enter(unsigned shard, const std::function<void()>& f) {
    engine::Shard::Enter entered(*slots_[shard].shard);
    f();
}

bool Machine::is_idle() const {
    for (const Slot& slot : slots_) {
        if (slot.shard->root().size() > 0 || slot.shard->has_ready() || !slot.kernel->is_idle()) {
            return false;
        }
    }
    return true;
}

void Machine::kill() {
    world_.note("kill", boots_);
    world_.network().close_all(*this);
    stop();
}

void Machine::power_cut() {
    world_.note("power cut", boots_);
    world_.network().vanish(*this);
    descriptors_.clear();
    disk_.power_cut();
    stop();
}

void Machine::stop() {
    assert(running_);
    running_ = false;
    for (Slot& slot : slots_) assert(!slot.inside_turn);
    for (Slot& slot : slots_) slot.kernel->die();
    descriptors_.clear();
    if (on_stop) on_stop();
    for (Slot& slot : slots_) {
        engine::Shard::Enter enter(*slot.shard);
        slot.shard->root().cancel();
    }
    unwind();
}

// Turns until no task is left. Everything the tasks still ask for is refused at once.
void Machine::unwind() {
    for (unsigned turn = 0; !is_idle(); ++turn) {
        if (turn > unwind_turns_max) {
            std::fprintf(stderr, "sim: tasks that never end after their machine stopped\n");
            std::abort();
        }
        for (Slot& slot : slots_) slot.shard->turn(MonotonicTime{0});
    }
    for (Slot& slot : slots_) {
        engine::Shard::Enter enter(*slot.shard);
        slot.shard->run_ready();
    }
}

void Machine::shut_down() {
    if (running_) {
        world_.run_until([this] { return is_idle(); }, world_.now() + minutes(10));
        kill();
    }
    unwind();
    slots_.clear();
    descriptors_.clear();
}

int Machine::add_descriptor(Descriptor descriptor) {
    for (std::size_t i = 3; i < descriptors_.size(); ++i) {
        if (!descriptors_[i].is_open()) {
            descriptors_[i] = std::move(descriptor);
            return int(i);
        }
    }
    if (descriptors_.size() < 3) descriptors_.resize(3);
    descriptors_.push_back(std::move(descriptor));
    return int(descriptors_.size()) - 1;
}

Machine::Descriptor* Machine::descriptor(int fd) {
    if (fd < 0 || std::size_t(fd) >= descriptors_.size()) return nullptr;
    Descriptor& descriptor = descriptors_[std::size_t(fd)];
    return descriptor.is_open() ? &descriptor : nullptr;
}

Kernel* Machine::kernel_of(const OperationRef& operation) {
    Machine* machine = operation.machine;
    if (machine == nullptr || !machine->running_ || machine->boots_ != operation.boot) {
        return nullptr;
    }
    return machine->slots_[operation.shard].kernel.get();
}

}  // namespace postern::sim
