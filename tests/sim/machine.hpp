// sim::Machine: a disk that lasts, and a process of some shards that is started and stopped:
// orderly by its own code, or by kill() (the disk keeps all, peers see the connections end) or
// power_cut() (the disk loses what was not synced, peers see nothing). Both unwind every task: from
// then on the kernel refuses all, so destructors run and nothing leaks or reaches the disk.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/shard.hpp"
#include "sim/disk.hpp"
#include "sim/sim_kernel.hpp"
#include "sim/world.hpp"

namespace postern::sim {

// What was asked of the disk and done.
struct FileUse {
    std::uint64_t opened = 0;
    std::uint64_t messages_opened = 0;  // of those, files in new/ and cur/
    std::uint64_t reads = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t names_listed = 0;  // of directories
};

class Machine {
 public:
    struct Descriptor {
        std::shared_ptr<OpenFile> file;
        SocketId socket = 0;
        bool is_open() const { return file != nullptr || socket != 0; }
    };
    struct Slot {
        std::unique_ptr<Kernel> kernel;
        std::unique_ptr<engine::Shard> shard;
        MonotonicTime stalled_until{};
        bool inside_turn = false;
    };

    Machine(World& world, std::string address, unsigned shards);
    ~Machine();

    World& world() { return world_; }
    const std::string& address() const { return address_; }
    Disk& disk() { return disk_; }
    FileUse file_use;  // since a test has set it to nothing
    bool is_running() const { return running_; }
    std::uint32_t boots() const { return boots_; }
    unsigned shard_count() const { return shard_count_; }
    engine::Shard& shard(unsigned i) { return *slots_[i].shard; }
    Kernel& kernel(unsigned i) { return *slots_[i].kernel; }
    std::vector<Slot>& slots() { return slots_; }

    void boot();
    // Called while the machine stops, before its tasks are cancelled; for programs that own scopes.
    std::function<void()> on_stop;
    void kill();
    void power_cut();
    // After an orderly end: waits for what runs in the background. Or after kill and power_cut,
    // once the program's objects are gone: nothing of the process is left.
    void shut_down();
    // Starts a task on a shard.
    void spawn(unsigned shard, engine::task<void> work);
    // Runs f with the shard current, as destructors of programs need it.
    void enter(unsigned shard, const std::function<void()>& f);
    bool is_idle() const;  // no task, nothing in flight

    int add_descriptor(Descriptor descriptor);
    Descriptor* descriptor(int fd);
    // The kernel an operation was submitted to, if it still runs.
    static Kernel* kernel_of(const OperationRef& operation);

 private:
    void stop();
    void unwind();

    World& world_;
    std::string address_;
    unsigned shard_count_;
    Disk disk_;
    bool running_ = false;
    std::uint32_t boots_ = 0;
    std::vector<Slot> slots_;
    std::vector<Descriptor> descriptors_;
};

}  // namespace postern::sim
