// Scheduler: which entry is attempted when. It knows of each entry some 50 bytes, and of each
// destination how it has behaved: how many attempts it bears at once (more with each success, half
// when it asks for less), and the one back-off that all its entries share while it cannot be
// reached, during which a single probe goes out each time it ends. Pure: no I/O, no clock, no
// chance of its own; the shard's worker asks it and tells it. Belongs to one shard.
// RFC 5321 §4.5.4.1 (retries are per destination, too).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "queue/entry_id.hpp"
#include "queue/policy.hpp"
#include "queue/route.hpp"
#include "queue/transport.hpp"

namespace postern::queue {

// Seconds and milliseconds since 1970.
using Seconds = std::int64_t;
using Milliseconds = std::int64_t;

enum class EntryState : std::uint8_t {
    waiting,  // for its time and its destination
    active,   // an attempt is under way
    held,     // by the administrator or a limit
};

// What an operation asks of an entry that is active: done when the attempt has ended.
enum class Wanted : std::uint8_t { nothing, hold, remove, bounce };

struct EntryFacts {
    EntryId id = 0;
    Seconds arrived_s = 0;
    Seconds due_s = 0;  // not before; 0: at once
    Seconds expires_s = 0;
    std::uint64_t size_bytes = 0;
    std::uint32_t attempts = 0;
    std::int8_t priority = 0;
    EntryClass kind = EntryClass::normal;
    bool is_held = false;
    Seconds notice_s = 0;  // when the sender is to be told of a delay; 0: never, or told already
};

struct DestinationStatus {
    std::string key;
    std::uint64_t entries = 0;
    std::uint32_t active = 0;
    std::uint32_t limit = 0;                  // attempts at once
    std::uint32_t starts_per_minute_max = 0;  // 0: as many as it takes
    std::uint32_t failures = 0;
    Seconds blocked_until_s = 0;
    bool is_suspended = false;
    std::string last_problem;
};

class Scheduler {
 public:
    // `router`: what holds at single destinations; null: the same for all.
    explicit Scheduler(Policy policy, std::shared_ptr<const Router> router = nullptr)
        : policy_(policy), router_(std::move(router)) {}

    const Policy& policy() const { return policy_; }
    std::size_t size() const { return entries_.size(); }
    std::size_t active() const { return active_; }

    // False: it is here already.
    bool add(const EntryFacts& facts, const Route& route);
    // The next entry whose time has come, now active; nothing: see next_time().
    std::optional<EntryId> start(Milliseconds now);
    // When start() may give something; INT64_MAX: only after another call.
    Milliseconds next_time() const;

    // An attempt has ended and the entry waits for `due_s`, or leaves.
    void again(EntryId id, Seconds due_s, Milliseconds now);
    void remove(EntryId id, Milliseconds now);
    // What the attempt of this active entry says about its destination. Gives the end of the shared
    // back-off, 0 when there is none.
    Seconds judge(EntryId id, DestinationVerdict verdict, std::string_view problem,
                  Milliseconds now, std::uint32_t chance);

    bool contains(EntryId id) const { return entries_.contains(id); }
    EntryState state(EntryId id) const { return entries_.at(id).state; }
    // Of one that waits: when it is attempted at the earliest.
    Seconds next_attempt_s(EntryId id) const;
    std::uint32_t count_attempt(EntryId id) { return ++entries_.at(id).attempts; }
    void set_notified(EntryId id) { entries_.at(id).notice_s = 0; }
    // Of an entry that waits or is held.
    void hold(EntryId id, Milliseconds now);
    void release(EntryId id, Milliseconds now, Seconds due_s = 0);
    // At once, whatever its time and its destination's back-off say.
    void retry(EntryId id, Milliseconds now);
    // Takes an entry that waits or is held out of the round until again() or remove().
    void claim(EntryId id, Milliseconds now);
    void want(EntryId id, Wanted wanted) { entries_.at(id).wanted = wanted; }
    Wanted take_wanted(EntryId id) {
        return std::exchange(entries_.at(id).wanted, Wanted::nothing);
    }

    // Of an earlier process, before anything is started.
    void restore(const DestinationStatus& status);
    void suspend(std::string_view key);
    void resume(std::string_view key, Milliseconds now);
    const std::string& problem_of(EntryId id) const { return entries_.at(id).destination->problem; }

    // Waiting entries that are to be given up or whose sender is to be told of the delay, at most
    // `max`. Forgets destinations that nothing goes to.
    std::vector<EntryId> overdue(Seconds now, std::size_t max);
    std::vector<EntryId> ids() const;  // oldest first
    std::vector<DestinationStatus> destinations() const;

 private:
    struct Destination;
    struct Entry {
        Destination* destination = nullptr;
        std::uint32_t arrived_s = 0;
        std::uint32_t due_s = 0;
        std::uint32_t expires_s = 0;
        std::uint32_t notice_s = 0;
        std::uint32_t attempts = 0;
        std::int8_t priority = 0;
        EntryClass kind = EntryClass::normal;
        EntryState state = EntryState::waiting;
        Wanted wanted = Wanted::nothing;
    };
    static constexpr std::size_t bands = 3;  // of priority: high, normal, low
    using Waiting = std::set<std::pair<std::uint32_t, EntryId>>;
    struct Destination {
        std::string key;
        std::uint64_t serial = 0;  // in the order they were met
        std::array<Waiting, bands> waiting;
        std::uint64_t entries = 0;
        std::uint32_t active = 0;
        double window = 1;
        std::uint32_t window_first = 1;
        std::uint32_t window_max = 1;
        std::uint32_t starts_per_minute_max = 0;
        std::uint32_t failures = 0;
        Milliseconds blocked_until = 0;
        Milliseconds next_start = 0;  // rate limit
        Milliseconds last_start = 0;
        Milliseconds ready_at = -1;  // its place in ready_; -1: it is not there
        bool is_suspended = false;
        std::string problem;

        std::uint32_t limit() const { return failures > 0 ? 1 : std::uint32_t(window); }
        std::optional<Milliseconds> ready_time() const;
        EntryId first(Milliseconds now) const;
    };
    static Waiting& band_of(const Entry& entry) {
        const std::size_t band = entry.priority > 0 ? 0 : entry.priority == 0 ? 1 : 2;
        return entry.destination->waiting[band];
    }

    Destination& destination(const std::string& key);
    void apply_rules(Destination& destination) const;
    void place(EntryId id, Entry& entry);
    void unplace(EntryId id, Entry& entry);
    void leave_active(Entry& entry);
    void reschedule(Destination& destination);

    Policy policy_;
    std::shared_ptr<const Router> router_;
    std::unordered_map<EntryId, Entry> entries_;
    std::map<std::string, std::unique_ptr<Destination>, std::less<>> destinations_;
    std::map<std::pair<Milliseconds, std::uint64_t>, Destination*> ready_;  // by serial
    std::uint64_t serials_ = 0;
    std::size_t active_ = 0;
};

}  // namespace postern::queue
