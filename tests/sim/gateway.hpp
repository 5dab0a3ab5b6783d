// Gateway: one simulated installation. Its machine and disk last; app::Gateway, the very object
// that the daemon runs, is made at each start and goes with the power, the process or an orderly
// stop. Without TLS: passwords in the clear are allowed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/gateway.hpp"
#include "sim/machine.hpp"
#include "sim/timeline_files.hpp"
#include "sim/world.hpp"
#include "store/store.hpp"

namespace postern::sim {

class Gateway {
 public:
    Gateway(World& world, unsigned shards, unsigned accounts);
    ~Gateway();

    // Before start(): the way out. None: mail for elsewhere waits.
    void set_transport(std::function<std::unique_ptr<queue::Transport>()> make) {
        make_transport_ = std::move(make);
    }
    void set_router(std::shared_ptr<const queue::Router> router) { router_ = std::move(router); }
    // Before start(): what becomes of each message is noted.
    void keep_timelines() { keeps_timelines_ = true; }
    timeline::Timelines& timelines() { return *services_->timelines(); }
    static constexpr auto timeline_directory = "/data/timeline";
    queue::Queue& queue() { return services_->queue(); }
    // Entries of the running gateway's queue.
    std::uint64_t queued() const;

    // False: the start failed and the process has ended, as the application would.
    bool start();
    void power_cut();
    void kill();
    // Orderly: drains, closes the store. False: it did not end in time and was killed.
    bool stop();
    // While it does not run: what is wrong with the mail on its disk (Store::look).
    std::vector<std::string> problems();

    bool is_running() const { return machine_.is_running(); }
    Machine& machine() { return machine_; }
    World& world() { return world_; }
    store::Store& store() { return services_->store(); }
    unsigned account_count() const { return unsigned(directories_.size()); }
    const std::string& directory_of(unsigned account) const { return directories_[account]; }
    static std::string address_of(unsigned account);
    static std::string password();  // everybody's
    static constexpr auto network_address = "10.0.0.1";

 private:
    void forget_services();
    void listen();

    World& world_;
    Machine& machine_;
    TimelineFiles timeline_files_;
    bool keeps_timelines_ = false;
    std::vector<std::string> directories_;
    std::unique_ptr<app::Gateway> services_;
    std::function<std::unique_ptr<queue::Transport>()> make_transport_;
    std::shared_ptr<const queue::Router> router_;
};

}  // namespace postern::sim
