// The loop of a shard's queue, and how entries come to it; see worker.hpp. Attempts are in
// attempt.cpp, reports in notify.cpp.
#include "queue/worker.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "queue/destination_file.hpp"
#include "queue/limits.hpp"

namespace postern::queue {

using engine::Shard;
using engine::task;
using engine::try_;
using engine::WhenDraining;

namespace {

constexpr Milliseconds wait_min_ms = 1;

// What every event of an entry says; it points into `entry` and `key`.
Event event_of(EventKind kind, EntryId id, const StoredEntry& entry, std::string_view key) {
    Event event;
    event.kind = kind;
    event.entry = id;
    event.message_id = entry.envelope.id;
    event.route_key = key;
    event.sender = entry.envelope.sender;
    return event;
}

}  // namespace

Milliseconds wall_ms() {
    return Shard::current().kernel().wall_now().ns / 1'000'000;
}

std::uint32_t random32() {
    char bytes[4];
    Shard::current().kernel().random(std::span<char>(bytes));
    std::uint32_t value = 0;
    for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

Worker::Worker(Queue& queue, unsigned shard)
    : queue_(queue),
      shard_(shard),
      scheduler_(queue.settings().policy, queue.settings().router),
      fresh_(queue.store(), queue.files()) {}

Worker::~Worker() = default;

Counters Worker::counters() const {
    Counters counters = counters_;
    counters.entries = scheduler_.size() + unread_.size() - next_unread_;
    counters.active = scheduler_.active();
    return counters;
}

void Worker::run(std::unique_ptr<Transport> transport) {
    transport_ = std::move(transport);
    is_running_ = true;
    next_sweep_ = wall_ms() + sweep_interval_ms;
    const std::size_t readers = std::min<std::size_t>(readers_max, unread_.size());
    for (std::size_t i = 0; i < readers; ++i) scope_.spawn(read_entries());
    scope_.spawn(loop());
}

// Attempts that end within `grace` do; the others report in haste. The last removals are synced.
task<void> Worker::drain(Duration grace) {
    is_running_ = false;
    scope_.drain();
    co_await engine::join_within(&scope_, grace);
    if (transport_ != nullptr) co_await transport_->close();
    transport_.reset();
    co_await leave_journals();
    co_await save_destinations_quietly();
}

// Nothing of this worker is to be brought back after an orderly end.
task<void> Worker::leave_journals() {
    const auto ids = fresh_.ids();
    std::vector<task<Result<void>>> works;
    for (EntryId id : ids) works.push_back(fresh_.place(id));
    auto left = co_await engine::all_succeed(std::move(works));
    auto cancelled = co_await fresh_.cancel_removed();
    if (left) left = cancelled;
    if (!left) log::error("queue.left_in_journal", {{"error", left.error()}});
}

void Worker::add(const EntryFacts& facts, const Route& route) {
    if (scheduler_.add(facts, route)) wake_.set();
}

void Worker::add_fresh(const EntryFacts& facts, FreshEntry entry) {
    const EntryId id = facts.id;
    const unsigned shard = entry.shard;
    const Route route = entry.stored.route;
    if (fresh_.add(id, std::move(entry))) scope_.spawn(place(id, shard));
    add(facts, route);
}

void Worker::free_journal(unsigned shard, std::uint64_t generation) {
    scope_.spawn(free_generation(shard, generation));
}

// A file that is made and soon removed costs more than all else of an entry (on ext4 the next one
// looks past each that has gone within five seconds). So nothing is made while the entries leave
// fast enough by themselves; who hands in more has to wait when the journal is full meanwhile.
task<void> Worker::free_generation(unsigned shard, std::uint64_t generation) {
    auto ids = fresh_.wanted(shard, generation);
    for (unsigned looks = leaving_looks_max; looks > 0 && !ids.empty(); --looks) {
        const MonotonicTime then = Shard::current().now() + milliseconds(leaving_look_ms);
        auto slept = co_await engine::sleep_until(then);
        const std::size_t before = ids.size();
        ids = fresh_.wanted(shard, generation);
        const std::size_t gone = before - std::min(before, ids.size());
        if (!slept || gone * looks < ids.size()) break;
    }
    for (EntryId id : ids) scope_.spawn(place(id, shard));
}

// Until the disk takes it: it is in the journal as long.
task<void> Worker::place(EntryId id, unsigned shard) {
    WriteRetry retry;
    for (;;) {
        auto placed = co_await fresh_.place(id);
        if (placed) co_return;
        fresh_.delay(shard);
        std::string what = "queue.not_placed";
        bool again = co_await pause_after_failure(std::move(what), id, placed.error(), &retry);
        if (!again) co_return;
    }
}

// Wall time decides what is due; the wait is short enough to notice when somebody sets the clock.
MonotonicTime Worker::next_turn() const {
    Milliseconds next = next_sweep_;
    if (transport_ != nullptr) next = std::min(next, scheduler_.next_time());
    const Milliseconds wait = std::clamp(next - wall_ms(), wait_min_ms, sweep_interval_ms);
    return Shard::current().kernel().now() + milliseconds(wait);
}

task<void> Worker::loop() {
    while (is_running_) {
        const Milliseconds now = wall_ms();
        while (transport_ != nullptr) {
            const auto id = scheduler_.start(now);
            if (!id) break;
            scope_.spawn(attempt(*id));
        }
        if (now >= next_sweep_) sweep();
        auto woken = co_await wake_.wait(next_turn(), WhenDraining::ends);
        if (!woken && woken.error().code == ErrorCode::cancelled) co_return;
    }
}

// Entries to be given up, senders to be told of delays: whether or not their destination may be
// attempted.
void Worker::sweep() {
    const Milliseconds now = wall_ms();
    const auto ids = scheduler_.overdue(now / 1000, overdue_max);
    for (EntryId id : ids) {
        scheduler_.claim(id, now);
        scope_.spawn(look_after(id));
    }
    next_sweep_ = now + (ids.size() == overdue_max ? 1'000 : sweep_interval_ms);
    scope_.spawn(save_destinations_quietly());
}

task<Result<void>> Worker::save_destinations() {
    auto guard = co_await saving_.lock();
    std::string text = format_destinations(scheduler_.destinations(), wall_s());
    if (text == saved_destinations_) co_return {};
    std::string path = queue_.files().root() + '/' + destination_file_name(shard_);
    auto saved = co_await engine::replace_file(std::move(path), text);
    if (saved) saved_destinations_ = std::move(text);
    co_return saved;
}

task<void> Worker::save_destinations_quietly() {
    auto saved = co_await save_destinations();
    if (!saved) log::warning("queue.destinations_not_saved", {{"error", saved.error()}});
}

// One of several readers of what was there at start.
task<void> Worker::read_entries() {
    while (is_running_ && next_unread_ < unread_.size()) {
        const EntryId id = unread_[next_unread_++];
        co_await read_entry(id);
    }
    if (next_unread_ < unread_.size()) co_return;
    std::vector<EntryId>().swap(unread_);
    next_unread_ = 0;
}

task<void> Worker::read_entry(EntryId id) {
    auto entry = co_await queue_.files().load(id);
    if (!entry) {
        co_await note_unreadable(id, entry.error());
        co_return;
    }
    const EntryFacts facts = facts_of(id, *entry, scheduler_.policy());
    observe_entry(EventKind::loaded, id, *entry);
    queue_.note_for_later(entry->envelope);
    Worker* home = &queue_.worker(queue_.home_shard_of(entry->route.key()));
    auto add = [home, facts, route = entry->route] { home->add(facts, route); };
    engine::run_at(home->shard(), std::move(add));
}

// A file that is damaged is set aside for people to look at. Anything else may pass: the entry is
// tried again later, or found at the next start.
task<void> Worker::note_unreadable(EntryId id, Error error) {
    Event event;
    event.kind = EventKind::damaged;
    event.entry = id;
    event.explanation = error.what;
    queue_.observer().observe(event);
    if (error.code == ErrorCode::corrupt) {
        co_await queue_.files().set_aside(id);
        scheduler_.remove(id, wall_ms());
    } else if (error.code == ErrorCode::not_found) {
        scheduler_.remove(id, wall_ms());
    } else if (scheduler_.contains(id)) {
        scheduler_.again(id, wall_s() + scheduler_.policy().untried_pause_s, wall_ms());
    }
}

// With ever longer pauses, but when the process ends only some more times. False: give up.
task<bool> Worker::pause_after_failure(std::string what, EntryId id, Error error,
                                       WriteRetry* retry) {
    log::error(what, {{"entry", format_entry_id(id)}, {"error", error}});
    if (error.code == ErrorCode::not_found) co_return false;
    if (!is_running_ && retry->last_chances-- == 0) co_return false;
    co_await engine::sleep_until(Shard::current().now() + retry->pause);
    retry->pause = std::min(retry->pause * 2, milliseconds(write_retry_max_ms));
    co_return true;
}

// What became of recipients must not be lost to a disk that fails for a while: the entry stays as
// it is until it is written down, or the process ends.
task<Result<void>> Worker::write_down(EntryId id, StoredEntry* entry, const RecordWriter* records) {
    WriteRetry retry;
    for (;;) {
        auto written = co_await append(id, entry, records, Durability::synced);
        if (written) co_return written;
        std::string what = "queue.not_written";
        bool again = co_await pause_after_failure(std::move(what), id, written.error(), &retry);
        if (!again) co_return written;
    }
}

task<Result<void>> Worker::append(EntryId id, StoredEntry* entry, const RecordWriter* records,
                                  Durability durability) {
    if (records->empty()) co_return {};
    if (durability == Durability::synced) {
        co_await try_(fresh_.settle(id));
    } else {
        co_await try_(fresh_.place(id));
    }
    co_return co_await queue_.files().append(id, entry, records, durability);
}

task<void> Worker::remove_files(EntryId id) {
    WriteRetry retry;
    for (;;) {
        auto removed = co_await fresh_.remove(id);
        if (removed && *removed) changed_directories_ |= 1u << unsigned(id >> 60);
        if (removed) break;
        std::string what = "queue.not_removed";
        bool again = co_await pause_after_failure(std::move(what), id, removed.error(), &retry);
        if (!again) break;
    }
    if (is_syncing_) co_return;
    is_syncing_ = true;
    scope_.spawn(sync_removals());
}

// Together, a moment later: a delivery need not wait for its own traces to be gone.
task<void> Worker::sync_removals() {
    do {
        co_await engine::sleep_until(Shard::current().now() + milliseconds(removal_sync_delay_ms));
        const std::uint32_t changed = std::exchange(changed_directories_, 0);
        for (unsigned i = 0; i < directories; ++i) {
            if ((changed >> i & 1) == 0) continue;
            auto synced = co_await directory_sync_.sync(queue_.files().directory(i));
            if (!synced) changed_directories_ |= 1u << i;
        }
        auto cancelled = co_await fresh_.cancel_removed();
        if (!cancelled) log::warning("queue.not_cancelled", {{"error", cancelled.error()}});
    } while (is_running_ && (changed_directories_ != 0 || fresh_.has_removed()));
    is_syncing_ = false;
}

void Worker::observe_entry(EventKind kind, EntryId id, const StoredEntry& entry,
                           std::string_view explanation) const {
    const std::string key = entry.route.key();
    Event event = event_of(kind, id, entry, key);
    event.explanation = explanation;
    event.recipients = entry.envelope.recipients.size();
    queue_.observer().observe(event);
}

void Worker::observe(EventKind kind, EntryId id, const StoredEntry& entry, std::size_t recipient,
                     const LastWords& words, std::string_view tls) const {
    const std::string key = entry.route.key();
    Event event = event_of(kind, id, entry, key);
    event.recipient = entry.envelope.recipients[recipient].address;
    event.status = words.status;
    event.reply = words.reply;
    event.explanation = words.explanation;
    event.remote_host = words.remote_host;
    event.remote_address = words.remote_address;
    event.tls = tls;
    queue_.observer().observe(event);
}

}  // namespace postern::queue
