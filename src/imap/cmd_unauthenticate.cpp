// UNAUTHENTICATE: the connection is as it was before the login, for the next user. RFC 8437.
#include "imap/commands.hpp"
#include "imap/session.hpp"

namespace postern::imap {

// RFC 8437 §4.1: compression ends behind the tagged OK.
engine::task<Result<Reply>> handle_unauthenticate(Session& session, Command& command) {
    co_await engine::try_(command.arguments().finish());
    session.unauthenticate();
    if (!session.is_compressed()) co_return ok();
    Reply reply = ok("UNAUTHENTICATE completed");
    session.out().tagged(command.tag, reply);
    co_await engine::try_(session.stream().flush(session.output_deadline()));
    session.end_compression();
    reply.already_sent = true;
    co_return reply;
}

}  // namespace postern::imap
