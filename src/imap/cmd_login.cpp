// LOGIN, and what AUTHENTICATE shares with it. RFC 3501 §6.2.3, RFC 5530 §3.
#include "auth/authenticator.hpp"
#include "base/log.hpp"
#include "engine/event.hpp"
#include "engine/shard.hpp"
#include "imap/commands.hpp"
#include "imap/login.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

Reply privacy_required() {
    return no(code::privacy_required, "Passwords are accepted only after STARTTLS");
}

task<Result<Reply>> accept_login(Session& session, std::string user_name, auth::LoginResult login) {
    if (login) {
        session.log_in(std::move(*login));
        co_return ok();
    }
    const Error error = login.error();
    if (error.kind != ErrorKind::peer_request) co_return Failure(error);
    log::info(
        "imap.login_failed",
        {{"user", user_name}, {"peer", session.stream().peer_address()}, {"reason", error.what}});
    MonotonicTime until = net::deadline_in(session.server().options().failed_login_delay);
    co_await try_(engine::sleep_until(until));
    if (session.login_failed()) {
        session.out().untagged(Status::bye, {}, "Too many failed logins");
        session.log_out();
    }
    switch (error.code) {
        case ErrorCode::refused:
            co_return no(code::authorization_failed, "Not allowed to act for another user");
        case ErrorCode::unsupported:
            co_return no(code::authentication_failed,
                         "Channel binding does not fit this connection");
        default: co_return reply_for(error);
    }
}

task<Result<Reply>> handle_login(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string user_name = in.astring();
    in.space();
    std::string password = in.astring();
    co_await try_(in.finish());
    if (!session.may_send_password()) co_return privacy_required();
    auto login = co_await session.server().authenticator().log_in(user_name, std::move(password));
    co_return co_await accept_login(session, std::move(user_name), std::move(login));
}

}  // namespace postern::imap
