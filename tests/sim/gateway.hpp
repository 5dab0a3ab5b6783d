// Gateway: one simulated installation. Its machine and disk last; its services are made at each
// start as the application makes them, and go with the power, the process or an orderly stop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/machine.hpp"
#include "sim/world.hpp"
#include "store/store.hpp"

namespace postern::sim {

class Gateway {
 public:
    Gateway(World& world, unsigned shards, unsigned accounts);
    ~Gateway();

    // False: the start failed and the process has ended, as the application would.
    bool start();
    void power_cut();
    void kill();
    void stop();  // orderly: drains, closes the store

    bool is_running() const { return machine_.is_running(); }
    Machine& machine() { return machine_; }
    World& world() { return world_; }
    store::Store& store() { return *store_; }
    unsigned account_count() const { return unsigned(directories_.size()); }
    const std::string& directory_of(unsigned account) const { return directories_[account]; }

 private:
    void forget_services();

    World& world_;
    Machine& machine_;
    std::vector<std::string> directories_;
    std::unique_ptr<store::Store> store_;
};

}  // namespace postern::sim
