// The grammar of NOTIFY; see parse_notify.hpp.
#include "imap/parse_notify.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

struct EventRow {
    std::string_view name;
    std::uint8_t bit;
    std::string_view section;
};
constexpr EventRow event_rows[] = {
    {"MessageNew", notify_event::message_new, "RFC 5465 §5.2"},
    {"MessageExpunge", notify_event::message_expunge, "RFC 5465 §5.3"},
    {"FlagChange", notify_event::flag_change, "RFC 5465 §5.1"},
    {"MailboxName", notify_event::mailbox_name, "RFC 5465 §5.4"},
    {"SubscriptionChange", notify_event::subscription_change, "RFC 5465 §5.5"},
    {"MailboxMetadataChange", notify_event::mailbox_metadata, "RFC 5465 §5.6"},
    {"ServerMetadataChange", notify_event::server_metadata, "RFC 5465 §5.7"},
};
constexpr std::string_view event_names =
    "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange "
    "ServerMetadataChange";
// There are no annotations of messages; the name is known, as it has a rule of its own.
constexpr std::string_view annotation_change = "AnnotationChange";

struct Events {
    std::uint8_t bits = 0;
    bool has_annotation_change = false;
    std::optional<std::vector<FetchItem>> fetch;  // behind MessageNew
};

// event = message-event / mailbox-event / user-event / event-ext
void parse_event(Decoder& in, Events& events, NotifyRequest& request) {
    std::string_view name = in.atom();
    for (const EventRow& row : event_rows) {
        if (!iequals(name, row.name)) continue;
        events.bits |= row.bit;
        if (row.bit != notify_event::message_new || !in.at(' ')) return;
        Decoder ahead = in;
        if (!ahead.take(' ') || !ahead.at('(')) return;
        in = ahead;
        events.fetch = parse_fetch_items(in);
        return;
    }
    request.has_unsupported_event = true;
    events.has_annotation_change |= iequals(name, annotation_change);
}

// events = ( "(" event *(SP event) ")" ) / "NONE"
Events parse_events(Decoder& in, NotifyRequest& request) {
    Events events;
    if (in.take_word("NONE")) return events;
    in.expect('(');
    do {
        parse_event(in, events, request);
    } while (in.take(' '));
    in.expect(')');
    // RFC 5465 §5: "both events MUST be specified"; flags not without them.
    bool has_new = (events.bits & notify_event::message_new) != 0;
    bool has_expunge = (events.bits & notify_event::message_expunge) != 0;
    bool has_flags = (events.bits & notify_event::flag_change) != 0 || events.has_annotation_change;
    if (has_new != has_expunge || (has_flags && !has_new)) {
        in.fail("MessageNew and MessageExpunge go together");
    }
    return events;
}

// RFC 5465 §6.1: only one of the two, once, and for messages alone.
void add_selected(Decoder& in, Events events, SelectedNotice notice, NotifyRequest& request) {
    if ((events.bits & ~notify_event::messages) != 0) {
        in.fail("Only events of messages are for the selected mailbox");
    }
    request.selected = notice;
    request.selected_events = events.bits;
    if (events.fetch) request.new_fetch = std::move(*events.fetch);
}

// event-group = "(" filter-mailboxes SP events ")"
void parse_group(Decoder& in, NotifyRequest& request, bool& has_selected) {
    in.expect('(');
    MailboxFilter filter;
    bool is_delayed = in.take_word("SELECTED-DELAYED");
    if (!is_delayed) filter = parse_mailbox_filter(in);
    if (filter.kind == FilterKind::subtree_one) in.fail("Unknown mailbox filter");
    in.space();
    Events events = parse_events(in, request);
    in.expect(')');
    if (filter.kind == FilterKind::selected) {
        if (has_selected) in.fail("The selected mailbox twice");
        has_selected = true;
        add_selected(in, std::move(events),
                     is_delayed ? SelectedNotice::delayed : SelectedNotice::at_once, request);
        return;
    }
    if (events.fetch) in.fail("FETCH items are for the selected mailbox");
    if (request.groups.size() == notify_groups_max) {
        request.is_too_complex = true;
        return;
    }
    if (events.bits != 0) request.groups.push_back({std::move(filter), events.bits});
}

}  // namespace

// notify = "NOTIFY" SP (("SET" [SP "STATUS"] SP event-group *(SP event-group)) / "NONE")
NotifyRequest parse_notify(Decoder& in) {
    NotifyRequest request;
    in.space();
    if (in.take_word("NONE")) return request;
    if (!in.take_word("SET")) in.fail("SET or NONE expected");
    in.space();
    request.wants_status = in.take_word("STATUS");
    if (request.wants_status) in.space();
    bool has_selected = false;
    do {
        parse_group(in, request, has_selected);
    } while (in.take(' '));
    return request;
}

std::string_view supported_notify_events() {
    return event_names;
}

}  // namespace postern::imap
