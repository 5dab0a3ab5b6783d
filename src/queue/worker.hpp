// Worker: the queue of one shard. It asks the scheduler which entry is due, reads its envelope,
// has the transport attempt it, writes down what became of each recipient and tells the sender
// what the sender is to know. An envelope is in memory only while its entry is attempted.
//
// The order in which things become durable: recipients that were delivered, so that they are not
// delivered again; the report to the sender; the recipients that failed. What a power cut takes in
// between is done once more, never left out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/directory.hpp"
#include "engine/event.hpp"
#include "engine/scope.hpp"
#include "queue/fresh_entries.hpp"
#include "queue/future_releases.hpp"
#include "queue/limits.hpp"
#include "queue/operations.hpp"
#include "queue/queue.hpp"
#include "queue/report.hpp"
#include "store/directory_sync.hpp"

namespace postern::queue {

class Worker {
 public:
    Worker(Queue& queue, unsigned shard);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Before run(): an entry that this worker is to read, whatever shard it belongs to.
    void expect(EntryId id) { unread_.push_back(id); }
    void restore(const DestinationStatus& status) { scheduler_.restore(status); }
    // There is a file of an earlier process.
    void expect_saved_destinations() { saved_destinations_.reset(); }
    // What is to be remembered of destinations; durable when it returns. Does nothing when the file
    // says so already.
    engine::task<Result<void>> save_destinations();
    void set_directory(std::shared_ptr<const auth::Directory> directory) {
        directory_ = std::move(directory);
    }
    const auth::Directory* directory() const { return directory_.get(); }
    void run(std::unique_ptr<Transport> transport);
    engine::task<void> drain(Duration grace);

    unsigned shard() const { return shard_; }
    void add(const EntryFacts& facts, const Route& route);
    void add_fresh(const EntryFacts& facts, FreshEntry entry);
    // That generation of a shard's journal is to be free soon: its entries get files.
    void free_journal(unsigned shard, std::uint64_t generation);
    FutureReleases& future_releases() { return future_releases_; }
    void count_accepted() { ++counters_.accepted; }
    Counters counters() const;
    store::DirectorySync& directory_sync() { return directory_sync_; }
    // Composes the report and hands it in as a message of its own. Nothing to tell: does nothing.
    engine::task<Result<void>> send_report(const StoredEntry* entry, std::string message_path,
                                           std::vector<ReportedRecipient> recipients);

    // See operations.hpp. The last four: of an entry that is not active.
    Scheduler& scheduler() { return scheduler_; }
    void wake() { wake_.set(); }
    engine::task<std::vector<EntryView>> list(const Selection* selection);
    engine::task<OperationOutcome> operate(Operation operation, const Selection* selection,
                                           const std::string* reason);
    engine::task<Result<void>> hold(EntryId id, std::string reason);
    engine::task<Result<void>> release(EntryId id);
    engine::task<Result<void>> remove(EntryId id);
    engine::task<Result<void>> bounce(EntryId id);

 private:
    // What an attempt, or giving up, makes of an entry's recipients.
    struct Verdicts;
    struct WriteRetry {
        Duration pause = milliseconds(write_retry_first_ms);
        unsigned last_chances = write_last_chances;
    };

    engine::task<std::vector<EntryId>> select(const Selection* selection, std::size_t max);
    engine::task<Result<void>> operate_on(EntryId id, Operation operation,
                                          const std::string* reason);

    engine::task<void> loop();
    void sweep();
    engine::task<void> save_destinations_quietly();
    MonotonicTime next_turn() const;

    engine::task<void> read_entries();
    engine::task<void> read_entry(EntryId id);
    engine::task<void> note_unreadable(EntryId id, Error error);

    engine::task<void> attempt(EntryId id);
    engine::task<AttemptReport> deliver_here(AttemptRequest request);
    engine::task<void> conclude(EntryId id, StoredEntry* entry, AttemptReport report);
    engine::task<void> look_after(EntryId id);
    engine::task<Result<void>> give_up(EntryId id, StoredEntry* entry, LastWords words);
    engine::task<Result<void>> settle_failures(EntryId id, StoredEntry* entry, Verdicts* verdicts);
    engine::task<void> finish(EntryId id, StoredEntry* entry, Seconds next_s);
    engine::task<void> after(EntryId id, Seconds next_s);
    engine::task<void> remove_files(EntryId id);
    engine::task<Result<void>> write_down(EntryId id, StoredEntry* entry,
                                          const RecordWriter* records);
    engine::task<bool> pause_after_failure(std::string what, EntryId id, Error error,
                                           WriteRetry* retry);
    // After place() or settle() of a fresh entry, as durable as asked for.
    engine::task<Result<void>> append(EntryId id, StoredEntry* entry, const RecordWriter* records,
                                      Durability durability);
    engine::task<void> place(EntryId id, unsigned shard);
    engine::task<void> free_generation(unsigned shard, std::uint64_t generation);
    engine::task<void> leave_journals();
    engine::task<void> sync_removals();

    void observe(EventKind kind, EntryId id, const StoredEntry& entry, std::size_t recipient,
                 const LastWords& words, std::string_view tls = {}) const;
    void observe_entry(EventKind kind, EntryId id, const StoredEntry& entry,
                       std::string_view explanation = {}) const;

    Queue& queue_;
    unsigned shard_;
    Scheduler scheduler_;
    FreshEntries fresh_;
    FutureReleases future_releases_;
    engine::Mutex saving_;
    std::optional<std::string> saved_destinations_ = "";  // what the file says; nothing: not known
    std::unique_ptr<Transport> transport_;
    std::shared_ptr<const auth::Directory> directory_;
    store::DirectorySync directory_sync_;
    engine::Scope scope_;
    engine::Event wake_;
    std::vector<EntryId> unread_;
    std::size_t next_unread_ = 0;
    Milliseconds next_sweep_ = 0;
    std::uint32_t changed_directories_ = 0;  // bits: removals that are not synced yet
    bool is_syncing_ = false;
    bool is_running_ = false;
    Counters counters_;
};

// CLOCK_REALTIME of the current shard.
Milliseconds wall_ms();
inline Seconds wall_s() {
    return wall_ms() / 1000;
}
std::uint32_t random32();

}  // namespace postern::queue
