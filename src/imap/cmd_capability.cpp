// CAPABILITY: what this session may do now. RFC 3501 §6.1.1.
#include "imap/commands.hpp"
#include "imap/session.hpp"

namespace postern::imap {

engine::task<Result<Reply>> handle_capability(Session& session, Command& command) {
    co_await engine::try_(command.arguments().finish());
    session.out().line("CAPABILITY " + session.capabilities());
    co_return ok();
}

}  // namespace postern::imap
