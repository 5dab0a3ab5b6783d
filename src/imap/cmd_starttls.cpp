// STARTTLS: what was received before the handshake is thrown away by the stream, so nothing that
// an attacker put in front counts. RFC 3501 §6.2.1, RFC 8314.
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"

namespace postern::imap {

engine::task<Result<Reply>> handle_starttls(Session& session, Command& command) {
    co_await engine::try_(command.arguments().finish());
    if (session.stream().is_secure()) co_return bad("TLS is active already");
    if (!session.may_start_tls()) co_return bad("TLS is not available");
    std::string go_ahead = command.tag + " OK Begin TLS negotiation now\r\n";
    auto secure = session.server().make_secure();
    MonotonicTime deadline = net::deadline_in(handshake_timeout);
    co_await engine::try_(session.stream().start_tls(std::move(secure), go_ahead, deadline));
    Reply reply = ok();
    reply.already_sent = true;
    co_return reply;
}

}  // namespace postern::imap
