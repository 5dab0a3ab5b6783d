// What the administrator does with the queue: look, hold, release, retry, delete, bounce, suspend.
// Values in, values out; on any shard, each asks all the others. An entry that is being attempted
// is dealt with when the attempt has ended. RFCs: none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "queue/queue.hpp"

namespace postern::queue {

// Which entries. Empty members do not matter; all that are given must fit. Nothing given selects
// nothing, unless `everything` says so. Addresses and domains compare without regard to case.
struct Selection {
    std::vector<EntryId> ids;
    std::string sender;     // "<>" is the null reverse-path
    std::string recipient;  // one that is pending
    std::string domain;     // of a pending recipient
    bool everything = false;

    bool is_empty() const;
    bool needs_envelope() const;
    bool fits(const StoredEntry& entry) const;
};

struct EntryView {
    EntryId id = 0;
    EntryState state = EntryState::waiting;
    Seconds next_attempt_s = 0;  // of one that waits
    std::string destination_problem;
    StoredEntry stored;
};
std::string_view name_of(EntryState state);
std::string_view name_of(RecipientState state);

enum class Operation : std::uint8_t { hold, release, retry, remove, bounce };

struct OperationOutcome {
    std::uint64_t matched = 0;
    std::uint64_t failed = 0;  // of them: the disk did not do as it was told
};

// Oldest first, at most entries_listed_max.
engine::task<std::vector<EntryView>> list_entries(Queue* queue, Selection selection);
// `reason` is for hold.
engine::task<OperationOutcome> operate(Queue* queue, Operation operation, Selection selection,
                                       std::string reason);
engine::task<std::vector<DestinationStatus>> list_destinations(Queue* queue);

// No attempts to a destination, by its key ("mx:example.org"), until it is resumed. Errors:
// not_found, there is no such route; io, it is so until the process ends only.
enum class Suspension : std::uint8_t { suspend, resume };
engine::task<Result<void>> set_suspension(Queue* queue, std::string route_key, Suspension what);

}  // namespace postern::queue
