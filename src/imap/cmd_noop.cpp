// NOOP and CHECK: a moment to hear what is new. CHECK also puts flags on disk.
// RFC 3501 §6.1.2 (NOOP), §6.4.1 (CHECK).
#include "imap/commands.hpp"
#include "imap/session.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

task<Result<Reply>> handle_noop(Session& session, Command& command) {
    co_await try_(command.arguments().finish());
    if (session.view() == nullptr) co_return ok();
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    if (!mailbox->is_gone()) co_await try_(mailbox->refresh());
    co_return ok();
}

task<Result<Reply>> handle_check(Session& session, Command& command) {
    co_await try_(command.arguments().finish());
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    if (mailbox->is_gone()) co_return ok();
    co_await try_(mailbox->refresh());
    co_await try_(mailbox->flush());
    co_return ok();
}

}  // namespace postern::imap
