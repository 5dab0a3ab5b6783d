// sim::Kernel: the kernel interface of one shard of a simulated machine. Operations wait in the
// world's queue of events for their moment, take effect there, and complete in run_once. A machine
// that has stopped answers everything at once and changes nothing, so that its tasks unwind.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/kernel.hpp"
#include "sim/disk.hpp"
#include "sim/network.hpp"
#include "sim/world.hpp"

namespace postern::sim {

enum class More : bool { no, yes };

class Kernel final : public engine::Kernel {
 public:
    Kernel(Machine& machine, unsigned shard);
    ~Kernel() override;

    void submit(engine::Operation& operation) override;
    void cancel(engine::Operation& operation) override;
    void run_once(MonotonicTime deadline) override;
    MonotonicTime now() override;
    WallTime wall_now() override;
    void random(std::span<char> bytes) override;
    std::uint64_t free_bytes(int fd) override;
    void send_message(unsigned shard, engine::Message& message) override;
    std::string_view buffer_bytes(std::uint16_t buffer_id, std::size_t length) override;
    void recycle(std::uint16_t buffer_id) override;
    Result<int> listen(const std::string& address, std::uint16_t port) override;
    Result<int> open_socket(int family) override;
    std::string peer_address(int fd) override;
    std::uint16_t local_port(int fd) override;

    bool has_completions() const { return !done_.empty(); }
    bool is_idle() const { return pending_.empty() && done_.empty() && messages_in_transit_ == 0; }
    std::size_t free_buffers() const { return free_buffers_.size(); }

    // The machine and the network answer here.
    void post(std::uint64_t id, std::int32_t result, More more = More::no);
    void post_socket(std::uint64_t id, SocketId accepted);
    // False: no provided buffer is free.
    bool post_received(std::uint64_t id, std::string_view bytes, More more);
    std::size_t buffer_size() const;
    void reset_connection(int fd);  // for clients that hang up rudely
    void die();

 private:
    struct Pending {
        engine::Operation* operation = nullptr;
        std::shared_ptr<OpenFile> file;
        SocketId socket = 0;
        World::EventKey event{};
        bool waits_for_event = false;
        bool finished = false;  // its last completion is posted
        unsigned steps = 0;     // of a chain, done
        std::string bytes;      // of a splice
    };
    struct Done {
        std::uint64_t id = 0;
        std::int32_t result = 0;
        bool more = false;
        bool has_buffer = false;
        std::uint16_t buffer_id = 0;
        engine::Message* message = nullptr;
    };

    OperationRef ref(std::uint64_t id) const;
    void start(std::uint64_t id, Pending& pending);
    void start_on_socket(std::uint64_t id, Pending& pending);
    void later(std::uint64_t id, Duration delay, void (Kernel::*action)(std::uint64_t));
    void take_effect(std::uint64_t id);
    void complete_effect(std::uint64_t id, std::int32_t result);
    std::int32_t perform(engine::Operation& operation, Pending& pending);
    void take_step(std::uint64_t id, Pending& pending);
    std::int32_t perform_step(engine::Operation& operation, Pending& pending);
    std::int32_t perform_write_vector(engine::Operation& operation, OpenFile& file);
    std::int32_t perform_open(engine::Operation& operation);
    std::int32_t perform_close(engine::Operation& operation);
    void splice(std::uint64_t id, Pending& pending);
    void cancel_now(std::uint64_t id);
    void push(std::uint64_t id, Pending& pending, Done done);
    void deliver(const Done& done);
    void count_use(const engine::Operation& operation, std::uint64_t result);
    void message_arrives(unsigned from);
    std::int32_t answer_of_the_dead(engine::Operation& operation);

    Machine& machine_;
    World& world_;
    unsigned shard_;
    bool dead_ = false;
    std::map<std::uint64_t, Pending> pending_;
    std::deque<Done> done_;
    std::vector<std::string> buffers_;
    std::vector<std::uint16_t> free_buffers_;
    std::map<unsigned, std::deque<engine::Message*>> transit_;  // by sending shard
    std::size_t messages_in_transit_ = 0;
};

}  // namespace postern::sim
