// LOGOUT: an untagged BYE, the tagged OK, the end. RFC 3501 §6.1.3.
#include "imap/commands.hpp"
#include "imap/session.hpp"

namespace postern::imap {

engine::task<Result<Reply>> handle_logout(Session& session, Command& command) {
    co_await engine::try_(command.arguments().finish());
    session.out().untagged(Status::bye, {}, "Logging out");
    session.log_out();
    co_return ok();
}

}  // namespace postern::imap
