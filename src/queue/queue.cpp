// Start and end of the queue; see queue.hpp. Acceptance is in accept.cpp.
#include "queue/queue.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "queue/destination_file.hpp"
#include "queue/limits.hpp"
#include "queue/worker.hpp"
#include "store/journal.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;

Queue::Queue(Settings settings, store::Store& store, unsigned shard_count)
    : settings_(std::move(settings)), store_(store), files_(store.data_directory() + "/queue") {
    if (settings_.router == nullptr) settings_.router = make_mx_router();
    if (settings_.observer == nullptr) settings_.observer = &log_observer();
    for (unsigned i = 0; i < shard_count; ++i) {
        workers_.push_back(std::make_unique<Worker>(*this, i));
        store.journal(i).on_wanted([this, i](std::uint64_t generation) {
            for (const auto& each : workers_) {
                Worker* worker = each.get();
                engine::run_at(worker->shard(),
                               [worker, i, generation] { worker->free_journal(i, generation); });
            }
        });
    }
}

Queue::~Queue() = default;

Worker& Queue::here() {
    return *workers_[engine::Shard::current().id()];
}

Observer& Queue::observer() const {
    return *settings_.observer;
}

unsigned Queue::home_shard_of(std::string_view route_key) const {
    return home_shard(route_key, shard_count());
}

// The names are listed before anything is accepted, so that no entry is seen half made or twice;
// the envelopes are read later, by all shards, while deliveries go on.
task<Result<void>> Queue::start() {
    co_await try_(files_.make_directories());
    std::size_t turn = 0;
    for (unsigned i = 0; i < directories; ++i) {
        const auto ids = co_await try_(files_.list(i));
        for (EntryId id : ids) workers_[turn++ % workers_.size()]->expect(id);
    }
    co_return co_await restore_destinations();
}

// Whichever shard they were of, in a process that may have had more shards: those files go when
// what they said is in others.
task<Result<void>> Queue::restore_destinations() {
    const auto entries = co_await try_(engine::list_directory(files_.root()));
    std::vector<std::string> left_over;
    for (const engine::DirectoryEntry& entry : entries) {
        const auto shard = parse_destination_file_name(entry.name);
        if (!shard) continue;
        const std::string path = files_.root() + '/' + entry.name;
        const auto text = co_await engine::read_file(path, destination_file_bytes_max);
        const auto all = text ? parse_destinations(*text) : std::nullopt;
        if (!all) log::warning("queue.destinations_not_read", {{"file", path}});
        if (*shard < workers_.size()) {
            workers_[*shard]->expect_saved_destinations();
        } else {
            left_over.push_back(path);
        }
        if (!all) continue;
        for (const DestinationStatus& status : *all) {
            workers_[home_shard_of(status.key)]->restore(status);
        }
    }
    if (left_over.empty()) co_return {};
    for (const auto& worker : workers_) co_await try_(worker->save_destinations());
    for (const std::string& path : left_over) co_await try_(engine::unlink_file(path));
    co_return {};
}

// By messages: no shard waits for another, and what is counted a moment late does no harm.
void Queue::tell_workers(const std::function<void(FutureReleases&)>& tell) {
    for (const auto& worker : workers_) {
        Worker* to = worker.get();
        engine::run_at(to->shard(), [to, tell] { tell(to->future_releases()); });
    }
}

void Queue::note_for_later(const Envelope& envelope) {
    if (envelope.account.empty() || envelope.hold_until_s <= wall_s()) return;
    tell_workers([account = envelope.account, id = envelope.id, bytes = envelope.facts.size_bytes,
                  until_s = envelope.hold_until_s](FutureReleases& held) {
        held.note(account, id, bytes, until_s);
    });
}

void Queue::forget_for_later(const Envelope& envelope) {
    if (envelope.account.empty() || envelope.hold_until_s <= wall_s()) return;
    tell_workers([account = envelope.account, id = envelope.id](FutureReleases& held) {
        held.forget(account, id);
    });
}

bool Queue::has_room_for_later(std::string_view account, std::uint64_t bytes,
                               std::uint64_t bytes_max) {
    return here().future_releases().has_room(account, bytes, bytes_max, wall_s());
}

void Queue::set_directory(std::shared_ptr<const auth::Directory> directory) {
    here().set_directory(std::move(directory));
}

void Queue::run(std::unique_ptr<Transport> transport) {
    here().run(std::move(transport));
}

Counters Queue::counters() const {
    return workers_[engine::Shard::current().id()]->counters();
}

task<void> Queue::drain(Duration grace) {
    co_await here().drain(grace);
}

// When its sender is to be told that it is late; 0: never. RFC 2852 §4.1.3: at the latest when the
// time is over that was asked for. What came too late already has been told of by who had it.
static Seconds notice_time(const Envelope& envelope, Seconds arrived_s, const RetryPolicy& policy) {
    const Seconds usual = policy.delay_notice_s > 0 ? arrived_s + policy.delay_notice_s : 0;
    if (envelope.deliver_by_mode != DeliverByMode::notify_sender) return usual;
    if (envelope.deliver_by_s <= envelope.arrived_s) return usual;
    return usual == 0 ? envelope.deliver_by_s : std::min(usual, envelope.deliver_by_s);
}

// RFC 5321 §4.5.4.1: give-up time. Mail to be held (RFC 4865) begins to age when it is released.
EntryFacts facts_of(EntryId id, const StoredEntry& entry, const Policy& policy) {
    const Envelope& envelope = entry.envelope;
    EntryFacts facts;
    facts.id = id;
    facts.kind = envelope.sender.empty() ? EntryClass::bounce
                 : envelope.priority > 0 ? EntryClass::priority
                                         : EntryClass::normal;
    facts.arrived_s = std::max(envelope.arrived_s, envelope.hold_until_s);
    facts.due_s = std::max(entry.next_attempt_s, envelope.hold_until_s);
    facts.expires_s = facts.arrived_s + policy.of(facts.kind).lifetime_s;
    if (envelope.deliver_by_mode == DeliverByMode::give_up) {
        facts.expires_s = std::min(facts.expires_s, envelope.deliver_by_s);
    }
    facts.size_bytes = envelope.facts.size_bytes;
    facts.attempts = entry.attempts;
    facts.priority = envelope.priority;
    facts.is_held = entry.is_held;
    if (!entry.is_notified && !envelope.sender.empty()) {
        facts.notice_s = notice_time(envelope, facts.arrived_s, policy.of(facts.kind));
    }
    return facts;
}

}  // namespace postern::queue
