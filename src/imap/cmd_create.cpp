// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: the tree of mailboxes, which the store keeps.
// RFC 3501 §6.3.3 to §6.3.7.
#include "imap/commands.hpp"
#include "imap/session.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// Commands whose one argument is a mailbox.
Result<std::string> parse_mailbox(Decoder in) {
    in.space();
    std::string name = in.mailbox();
    if (auto end = in.finish(); !end) return Failure(end.error());
    return name;
}

}  // namespace

task<Result<Reply>> handle_create(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    co_await try_(session.account().create(std::move(name)));
    co_return ok();
}

// A trailing separator is passed over, as CREATE does. The mailbox may be the selected one: then it
// is let go, as if by UNSELECT.
task<Result<Reply>> handle_delete(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    if (name.size() > 1 && name.ends_with(store::hierarchy_separator)) name.pop_back();
    co_await try_(session.account().remove(std::move(name)));
    if (session.view() != nullptr && session.view()->mailbox_is_gone()) session.deselect();
    co_return ok();
}

task<Result<Reply>> handle_rename(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string from = in.mailbox();
    in.space();
    std::string to = in.mailbox();
    co_await try_(in.finish());
    co_await try_(session.account().rename(std::move(from), std::move(to)));
    co_return ok();
}

task<Result<Reply>> handle_subscribe(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    co_await try_(session.account().subscribe(std::move(name)));
    co_return ok();
}

task<Result<Reply>> handle_unsubscribe(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    co_await try_(session.account().unsubscribe(std::move(name)));
    co_return ok();
}

}  // namespace postern::imap
