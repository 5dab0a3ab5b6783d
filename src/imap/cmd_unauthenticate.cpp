// UNAUTHENTICATE: the connection is as it was before the login, for the next user. RFC 8437.
#include "imap/commands.hpp"
#include "imap/session.hpp"

namespace postern::imap {

engine::task<Result<Reply>> handle_unauthenticate(Session& session, Command& command) {
    co_await engine::try_(command.arguments().finish());
    session.unauthenticate();
    co_return ok();
}

}  // namespace postern::imap
