// NOTIFY: what the client is to be told of without asking. RFC 5465.
#include "imap/commands.hpp"
#include "imap/notifier.hpp"
#include "imap/parse_notify.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

// RFC 5465 §8: unsupported-events-code
Reply unsupported_event() {
    Code code{"BADEVENT (" + std::string(supported_notify_events()) + ")"};
    return {Status::no, std::move(code), "Unsupported event"};
}

}  // namespace

// RFC 5465 §3.1: SET brings what has gathered for the selected mailbox, as NOOP would, and with
// STATUS how the other mailboxes are now.
engine::task<Result<Reply>> handle_notify(Session& session, Command& command) {
    Decoder in = command.arguments();
    NotifyRequest request = parse_notify(in);
    co_await engine::try_(in.finish());
    if (request.has_unsupported_event) co_return unsupported_event();
    if (request.is_too_complex) {
        co_return no(code::notification_overflow, "Too many groups of mailboxes");
    }
    if (!request.new_fetch.empty() && !session.is_enabled(Feature::uidonly)) {
        add_item(request.new_fetch, FetchKind::uid, "UID");
    }
    session.write_updates(store::Expunges::report, Told::all);
    Notifier& notifier = session.open_notifier();
    bool wants_status = request.wants_status;
    notifier.ask(std::move(request), session.view());
    const bool follows = co_await engine::try_(notifier.follow_shared(session));
    if (!follows) {
        notifier.ask(NotifyRequest(), session.view());
        co_return no(code::notification_overflow, "Mailboxes of too many users");
    }
    if (wants_status) co_await engine::try_(notifier.write_statuses(session));
    co_return ok();
}

}  // namespace postern::imap
