// IDLE: until the client says DONE it is told at once what others do to the selected mailbox, and
// with NOTIFY what it has asked for. RFC 2177, RFC 5465 §4.
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"
#include "imap/waiting.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

task<Result<bool>> read_done(Session& session) {
    net::Line line =
        co_await try_(session.stream().read_line(idle_line_bytes_max, session.transfer_deadline()));
    co_return iequals(line.text, "DONE");
}

}  // namespace

task<Result<Reply>> handle_idle(Session& session, Command& command) {
    if (auto end = command.arguments().finish(); !end) co_return Failure(end.error());
    session.out().continuation("idling");
    co_await try_(tell_until_input(session, store::Expunges::report));
    if (session.is_logging_out()) co_return ok();
    bool is_done = co_await try_(read_done(session));
    if (!is_done) co_return bad("DONE expected");
    co_return ok();
}

}  // namespace postern::imap
