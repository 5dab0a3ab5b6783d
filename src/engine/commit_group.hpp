// CommitGroup: one flush for all that a busy shard wants durable at a time. What create_file,
// sync_directory and link_durably ask for while others of the shard are under way is gathered; a
// thread of the group's own makes the files and then flushes once, with the other shards' threads
// (shared_flush.hpp), where each by itself would cost the disk a flush and the file system a
// commit. It discards files on the way, and makes and displaces those that
// need not be durable (write_file, displace).
// Measured in docs/internals/performance.md.
//
// Only on file systems whose syncfs is known to do what fsync promises (ext4, XFS, Btrfs, F2FS): on
// another, FUSE among them, the first group is synced one by one and there is none after it. What
// lies on another device than the first of its group is synced by itself.
//
// Belongs to one shard. Results are those of the chains (operation.hpp); when the flush fails, so
// does everything in its group.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "engine/offload_pool.hpp"
#include "engine/operation.hpp"

namespace postern::engine {

class CommitGroup {
 public:
    static constexpr unsigned groups_max = 4;

    // Up to so many groups are under way.
    explicit CommitGroup(unsigned groups) : groups_(groups), pool_(groups) {}

    // False: there are no groups on this file system.
    bool shares_flushes() const { return syncs_file_system_; }
    // False: the operation is to be done by itself, there being no other to share a flush with.
    bool gathers(bool others_in_flight) const {
        return syncs_file_system_ && (under_way_ > 0 || !waiting_.empty() || others_in_flight);
    }
    // A chain, a discard, a write_file or a displace (operation.hpp), done with a group that has
    // not started yet.
    void add(Operation& operation) { waiting_.push_back(&operation); }
    // True: a group has started, of all that waits. One at a time is under way; where they take
    // long, several, which make their files while an earlier one is flushed and then
    // share the next flush.
    bool start(MonotonicTime now);

    // Becomes readable (eight bytes) when a group has ended.
    int event_fd() const { return pool_.event_fd(); }
    // Of the groups that have ended: all operations, each with its result; the number of flushes
    // that it took is added.
    std::vector<Operation*> take_done(MonotonicTime now, std::uint64_t* flushes);

 private:
    struct Batch final : Job {
        void run() override;
        void take(Operation& operation);
        void take_link(Operation& operation);
        void sync_alone(Operation& operation, int fd);
        void flush();

        Operation operation;  // for the pool; free when it has no job
        MonotonicTime started{};
        std::vector<Operation*> operations;
        std::vector<Operation*> grouped;  // those that the one flush is for
        std::uint64_t flushes = 0;
        bool syncs_file_system = true;
        int first_fd = -1;  // of the first of the group; open until the flush
        std::uint64_t device = 0;
        std::uint64_t begun = 0;  // of the shared flush
    };

    std::vector<Operation*> waiting_;
    unsigned under_way_ = 0;
    bool takes_long_ = false;  // the last one did
    bool syncs_file_system_ = true;
    std::array<Batch, groups_max> batches_;  // a pool thread's while its group is under way
    unsigned groups_;
    OffloadPool pool_;
};

}  // namespace postern::engine
