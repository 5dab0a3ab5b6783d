// FreshEntries: entries of a worker that have come by the journal (store/journal.hpp) of the shard
// which accepted them. They are in memory, and have no files until something is written down of
// them or the journal wants its room again; most have left before that.
//
// A fresh entry is waiting, in memory alone; or placed: its files are there, not durable yet, and
// the journal may still bring them back as they were. An entry that is not here has files of its
// own. What an entry is at a time is asked here, and said here before it changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "engine/event.hpp"
#include "engine/task.hpp"
#include "queue/entry_files.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

namespace postern::queue {

struct FreshEntry {
    StoredEntry stored;
    std::string envelope;                        // of its file, when it gets one
    std::shared_ptr<const std::string> message;  // null when it is placed
    unsigned shard = 0;                          // whose journal has it
    store::Journal::Entry record;
};

class FreshEntries {
 public:
    FreshEntries(store::Store& store, const EntryFiles& files) : store_(store), files_(files) {}

    // True: it is to be placed at once, its journal wants the room.
    bool add(EntryId id, FreshEntry entry);
    // From memory or from its file; errors as of EntryFiles::load.
    engine::task<Result<StoredEntry>> load(EntryId id) const;
    // Null: it is in its file.
    std::shared_ptr<const std::string> message(EntryId id) const;
    // It has files when this returns.
    engine::task<Result<void>> place(EntryId id);
    // They are durable, and what is written to them from now on is not undone.
    engine::task<Result<void>> settle(EntryId id);
    // It is no more, durably so after the next cancel_removed(). Gives whether it had files: their
    // directory is not synced.
    engine::task<Result<bool>> remove(EntryId id);
    bool has_removed() const;
    engine::task<Result<void>> cancel_removed();

    // That generation of a shard's journal is wanted: what must be placed for it. Those of earlier
    // ones have become ordinary files.
    std::vector<EntryId> wanted(unsigned shard, std::uint64_t generation);
    std::vector<EntryId> ids() const;
    // Some could not be placed, and will be later.
    void delay(unsigned shard);

 private:
    struct Fresh : FreshEntry {
        engine::Mutex placing;
    };
    struct Removed {
        store::Journal::Entry record;
        bool is_placed = false;  // the journal knows
    };
    struct Journaled {                    // of one shard's journal
        std::uint64_t wanted_before = 0;  // all generations before it are wanted
        std::vector<Removed> removed;
    };

    std::shared_ptr<Fresh> find(EntryId id) const;
    void tell_placed(unsigned shard, const std::vector<store::Journal::Entry>& records);

    store::Store& store_;
    const EntryFiles& files_;
    std::unordered_map<EntryId, std::shared_ptr<Fresh>> entries_;
    std::unordered_map<unsigned, Journaled> journals_;
};

}  // namespace postern::queue
