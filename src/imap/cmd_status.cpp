// STATUS: counts of a mailbox without selecting it. RFC 3501 §6.3.10, RFC 7162 §3.1.7
// (HIGHESTMODSEQ, which shows that the client knows CONDSTORE), RFC 8438 (STATUS=SIZE).
#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/session.hpp"
#include "imap/status_items.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct StatusArguments {
    std::string mailbox;
    StatusItems items;
};

// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
Result<StatusArguments> parse_status(Decoder in) {
    StatusArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    in.space();
    arguments.items = parse_status_items(in);
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

}  // namespace

task<Result<Reply>> handle_status(Session& session, Command& command) {
    StatusArguments arguments = co_await try_(parse_status(command.arguments()));
    Place place =
        co_await try_(find_mailbox(session, std::move(arguments.mailbox), store::right::read));
    store::MailboxStatus status = co_await try_(place.account->status(place.name));
    if (asks_for(arguments.items, StatusKind::highest_modseq)) session.become_condstore_aware();
    session.out().status(place.shown(), format_status(arguments.items, status));
    co_return ok();
}

}  // namespace postern::imap
