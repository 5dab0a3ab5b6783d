// Queue: mail for elsewhere, under <data>/queue. One object for the process, made before the shards
// run and destroyed after; a worker on each shard has the entries whose destination hashes there.
// accept() takes the responsibility for a message (RFC 5321 §6.1): when it returns success, every
// local mailbox and every entry has it durably; when it fails, nobody has. From then on each
// recipient ends as exactly one of: delivered, failed and its sender told, held, deleted by the
// administrator; or is still queued.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/directory.hpp"
#include "base/error.hpp"
#include "engine/task.hpp"
#include "queue/entry_files.hpp"
#include "queue/scheduler.hpp"
#include "queue/settings.hpp"
#include "queue/transport.hpp"
#include "store/spool.hpp"

namespace postern::queue {

class FutureReleases;
class Worker;

struct Counters {
    std::uint64_t entries = 0;  // now
    std::uint64_t active = 0;   // now
    std::uint64_t accepted = 0;
    std::uint64_t attempts = 0;
    std::uint64_t delivered = 0;  // recipients, as are the next two
    std::uint64_t deferred = 0;
    std::uint64_t failed = 0;
    std::uint64_t reports_sent = 0;
};

class Queue {
 public:
    Queue(Settings settings, store::Store& store, unsigned shard_count);
    ~Queue();
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    // Once, after the store's start and before anything is accepted: makes the directories, learns
    // which entries there are.
    engine::task<Result<void>> start();

    // The following act on the shard they are called on.
    void set_directory(std::shared_ptr<const auth::Directory> directory);
    // Begins to read the entries and to attempt them. Without a transport mail is accepted and
    // waits.
    void run(std::unique_ptr<Transport> transport);
    Counters counters() const;
    // Orderly end: no new attempts; those under way are cut off after `grace`.
    engine::task<void> drain(Duration grace);

    // On any shard. Errors: limit (too many or too long recipients), no_space, io.
    engine::task<Result<void>> accept(store::SpooledMessage& message, Submission submission);
    // Whether an account may have so much more mail for later, as far as this shard knows.
    bool has_room_for_later(std::string_view account, std::uint64_t bytes, std::uint64_t bytes_max);
    // Tells all shards of an entry that waits for its time, or does no more.
    void note_for_later(const Envelope& envelope);
    void forget_for_later(const Envelope& envelope);
    // For Submission::envelope.id.
    static std::string make_message_id();

    const Settings& settings() const { return settings_; }
    store::Store& store() { return store_; }
    const EntryFiles& files() const { return files_; }
    unsigned shard_count() const { return unsigned(workers_.size()); }
    unsigned home_shard_of(std::string_view route_key) const;
    Observer& observer() const;
    Worker& worker(unsigned shard) { return *workers_[shard]; }

 private:
    struct NewEntry;
    engine::task<Result<void>> write_envelope(NewEntry* entry);
    engine::task<bool> record(NewEntry* entry, const store::SpooledMessage* message);
    engine::task<Result<void>> make_durable(std::vector<NewEntry>* entries,
                                            store::SpooledMessage* message);
    engine::task<void> roll_back(std::vector<NewEntry>* entries);
    engine::task<Result<void>> restore_destinations();
    void commit(std::vector<NewEntry> entries);
    void tell_workers(const std::function<void(FutureReleases&)>& tell);
    engine::task<Result<void>> deliver_here(store::SpooledMessage* message, Submission* submission);
    engine::task<void> confirm_local(store::SpooledMessage* message, Submission* submission);
    Worker& here();

    Settings settings_;
    store::Store& store_;
    EntryFiles files_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

// What the scheduler is to know of an entry.
EntryFacts facts_of(EntryId id, const StoredEntry& entry, const Policy& policy);

}  // namespace postern::queue
