// UringKernel: the kernel interface over io_uring, one ring a shard (SINGLE_ISSUER, DEFER_TASKRUN),
// made on the shard's own thread. Needs Linux 6.1: create() says in words what a kernel lacks.
//
// The life of a submission: submit() fills an entry of the submission queue; run_once() enters the
// kernel once for all of them and waits; each completion finds its Operation through user_data.
// Messages to other shards are MSG_RING entries whose user_data is the message. Codes without a
// ring operation go to the offload pool, which reports through an eventfd the ring reads. A
// shutdown is a call of its own: it never waits, but the ring has its threads make it. So are
// readings of what is in memory (at_once.hpp).
//
// A chain (create_file, sync_directory) is a row of linked entries that opens its file into a slot
// of the ring's own table, so that the entries behind can name it before it is open. All but the
// last are silent when they succeed: a chain has one completion, of its last entry or of the one
// that failed. The ring is restricted (uring_restrictions.hpp) before it is enabled.
#pragma once

#include <liburing.h>

#include <array>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "engine/commit_group.hpp"
#include "engine/kernel.hpp"
#include "engine/offload_pool.hpp"

namespace postern::engine {

struct UringOptions {
    unsigned offload_threads = 2;
};

class UringKernel final : public Kernel {
 public:
    // The text is for the administrator: what is missing and what to do.
    static std::expected<std::unique_ptr<UringKernel>, std::string> create(UringOptions options);
    ~UringKernel() override;

    int ring_fd() const { return ring_.ring_fd; }
    // The rings of all shards by number, before the first send_message.
    void set_peers(std::vector<int> ring_fds) { peers_ = std::move(ring_fds); }

    bool shares_flushes() const override { return commits_.shares_flushes(); }
    void submit(Operation& operation) override;
    bool complete_at_once(Operation& operation) override;
    void cancel(Operation& operation) override;
    void run_once(MonotonicTime deadline) override;
    MonotonicTime now() override;
    WallTime wall_now() override;
    void random(std::span<char> bytes) override;
    std::uint64_t free_bytes(int fd) override;
    void send_message(unsigned shard, Message& message) override;
    std::string_view buffer_bytes(std::uint16_t buffer_id, std::size_t length) override;
    void recycle(std::uint16_t buffer_id) override;
    Result<int> listen(const std::string& address, std::uint16_t port) override;
    Result<int> open_socket(int family) override;
    std::string peer_address(int fd) override;
    std::uint16_t local_port(int fd) override;
    Result<std::array<int, 2>> open_pipe() override;

 private:
    static constexpr unsigned buffer_group = 0;

    explicit UringKernel(UringOptions options);
    std::expected<void, std::string> set_up_ring();
    std::expected<void, std::string> set_up_buffers();
    std::expected<void, std::string> set_up_chains();
    io_uring_sqe* next_entry();
    void prepare(io_uring_sqe* entry, Operation& operation);
    void prepare_path(io_uring_sqe* entry, Operation& operation);
    void begin_chain(Operation& operation);
    void submit_chain(Operation& operation);
    void chain_failed(Operation& operation, std::int32_t result);
    void linked(Operation& operation, std::int32_t result);
    void end_chain(Operation& operation, std::int32_t result);
    void leave_slot(Operation& operation);
    void send_to_pool(Operation& operation);
    void finish_at_once(Operation& operation, int result);
    // Whoever is to be woken by an eventfd that the ring reads.
    struct Doorbell {
        Operation read;
        std::uint64_t count = 0;
    };
    void arm(Doorbell& doorbell, int event_fd);
    void finish_pool_work();
    void finish_group(CommitGroup& group);
    void enter_and_wait(MonotonicTime deadline);
    void dispatch(const io_uring_cqe& completion);
    void finish_operation(Operation& operation, const io_uring_cqe& completion);
    void post_to_peer(Message& message);
    void deliver_local_messages();
    void offer_buffers();
    void refill_random();

    io_uring ring_{};
    bool ring_ready_ = false;
    io_uring_buf_ring* buffer_ring_ = nullptr;
    char* buffers_ = nullptr;
    std::vector<std::uint16_t> spare_buffers_;  // neither offered nor in use
    unsigned offered_buffers_ = 0;
    unsigned offered_wanted_ = receive_buffers_offered;
    std::vector<int> peers_;
    std::vector<Message*> local_messages_;
    std::vector<std::int32_t> free_slots_;     // of the ring's table of files
    std::deque<Operation*> waiting_for_slot_;  // chains
    std::vector<Operation*> finished_;         // without the ring: completed at the next run_once
    OffloadPool pool_;
    Doorbell pool_bell_;
    CommitGroup commits_{CommitGroup::groups_max};
    Doorbell commits_bell_;
    CommitGroup writes_{1};  // write_file, displace: together too, and no flush to wait for
    Doorbell writes_bell_;
    unsigned answered_ = 0;                            // at once, in this turn
    unsigned gathered_ = 0;                            // completions of the last turn
    std::array<char, random_pool_bytes> random_pool_;  // the first random_left_ are unused
    std::size_t random_left_ = 0;
};

}  // namespace postern::engine
