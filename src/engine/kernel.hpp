// Kernel: every effect the gateway has on the world goes through here, so that the simulator can
// own the world. UringKernel (uring_kernel.hpp) is the real one, one a shard; sim::Kernel
// (tests/sim) is the other. Nothing here blocks; only run_once waits.
//
// Rules both keep: submit() never completes an operation before it returns. Every submitted
// operation completes: once, or for multishot codes (accept, receive) until one comes with
// `more == false`. cancel() only asks; the operation still completes, with its result or
// -ECANCELED. Messages between two shards arrive in the order they were sent.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "engine/limits.hpp"
#include "engine/operation.hpp"

namespace postern::engine {

// From one shard to another. Memory belongs to the sender until deliver() runs on the target.
struct Message {
    void (*deliver)(Message&) = nullptr;
    unsigned target_shard = 0;  // set by send_message
};

// Counts since start, read by metrics and by the figures of bench/.
struct KernelCounters {
    std::uint64_t enters = 0;  // io_uring_enter calls
    std::uint64_t submissions = 0;
    std::uint64_t completions = 0;
    std::uint64_t syncs = 0;  // fsync and fdatasync submitted
    std::uint64_t offloads = 0;
    std::uint64_t messages = 0;  // sent to other shards
    std::uint64_t answers = 0;   // completed at once
};

class Kernel {
 public:
    virtual ~Kernel() = default;

    virtual void submit(Operation& operation) = 0;
    // True: the operation has its result without having been submitted, as nothing had to be waited
    // for. Not too many in a turn, so that everybody else gets one.
    virtual bool complete_at_once(Operation&) { return false; }
    virtual void cancel(Operation& operation) = 0;

    // True: chains that are asked for while others are under way share a flush (commit_group.hpp).
    virtual bool shares_flushes() const { return false; }

    // Submits what is queued, waits for at least one completion or until the deadline (a deadline
    // in the past: does not wait), and calls `on_complete` and `deliver` for all that is there.
    virtual void run_once(MonotonicTime deadline) = 0;

    virtual MonotonicTime now() = 0;
    virtual WallTime wall_now() = 0;
    virtual void random(std::span<char> bytes) = 0;  // for names and ids; unpredictable
    // What may still be written to the file system that this file is on; 0: not known.
    virtual std::uint64_t free_bytes(int fd) = 0;

    virtual void send_message(unsigned shard, Message& message) = 0;

    // Provided buffers of `receive`: bytes() until recycle(); every one must come back.
    virtual std::string_view buffer_bytes(std::uint16_t buffer_id, std::size_t length) = 0;
    virtual void recycle(std::uint16_t buffer_id) = 0;

    // Sockets. These calls never block. Addresses are "127.0.0.1", "::1", "::" with a port.
    virtual Result<int> listen(const std::string& address, std::uint16_t port) = 0;
    virtual Result<int> open_socket(int family) = 0;
    virtual std::string peer_address(int fd) = 0;  // "192.0.2.1" or "2001:db8::1", "" if gone
    virtual std::uint16_t local_port(int fd) = 0;  // 0 if unknown

    // A pipe for splice: its read and its write end. Kernels without splice refuse (unsupported).
    virtual Result<std::array<int, 2>> open_pipe() {
        return fail_request(ErrorCode::unsupported, "no pipes");
    }

    const KernelCounters& counters() const { return counters_; }

 protected:
    KernelCounters counters_;
};

}  // namespace postern::engine
