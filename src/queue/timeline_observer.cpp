// Events of the queue as events of timelines; see timeline_observer.hpp.
#include "queue/timeline_observer.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>

#include "engine/shard.hpp"

namespace postern::queue {
namespace {

std::optional<timeline::Kind> kind_of(EventKind kind) {
    switch (kind) {
        case EventKind::accepted: return timeline::Kind::queued;
        case EventKind::delivered: return timeline::Kind::delivered;
        case EventKind::deferred: return timeline::Kind::deferred;
        case EventKind::bounced: return timeline::Kind::failed;
        case EventKind::delayed: return timeline::Kind::delayed;
        case EventKind::held: return timeline::Kind::held;
        case EventKind::released: return timeline::Kind::released;
        case EventKind::deleted: return timeline::Kind::deleted;
        case EventKind::filed: return timeline::Kind::filed;
        case EventKind::reported: return timeline::Kind::reported;
        case EventKind::loaded:
        case EventKind::damaged: break;
    }
    return std::nullopt;
}

std::string number_or_nothing(std::uint64_t number) {
    return number == 0 ? std::string() : std::to_string(number);
}

}  // namespace

// Whose mail it is stands where it was queued, and need not be said again.
void TimelineObserver::observe(const Event& event) {
    next_.observe(event);
    const auto kind = kind_of(event.kind);
    if (!kind) return;
    using timeline::Tag;
    const bool is_filed = event.kind == EventKind::filed;
    const bool is_queued = event.kind == EventKind::accepted;
    const timeline::Ids ids{parse_entry_id(event.message_id).value_or(event.entry), event.entry};
    const std::string count = is_queued ? number_or_nothing(event.recipients) : std::string();
    const std::string uid = number_or_nothing(event.uid);
    const auto fields =
        std::to_array<timeline::Field>({{Tag::sender, event.sender},
                                        {is_filed ? Tag::user : Tag::recipient, event.recipient},
                                        {Tag::mailbox, event.mailbox},
                                        {Tag::uid, uid},
                                        {Tag::route, event.route_key},
                                        {Tag::count, count},
                                        {Tag::status, event.status},
                                        {Tag::reply, event.reply},
                                        {Tag::text, event.explanation},
                                        {Tag::host, event.remote_host},
                                        {Tag::address, event.remote_address},
                                        {Tag::tls, event.tls},
                                        {Tag::report, event.report}});
    timelines_.recorder(engine::Shard::current().id())
        .note(*kind, ids, std::span(fields).subspan(is_queued ? 0 : 1));
}

}  // namespace postern::queue
