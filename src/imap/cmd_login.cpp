// LOGIN, and the checking of a password that AUTHENTICATE shares. RFC 3501 §6.2.3, RFC 5530 §3.
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

task<Result<Reply>> check_password(Session& session, std::string user_name, std::string password) {
    auto user = co_await session.server().authenticator().log_in(user_name, std::move(password));
    if (user) {
        session.log_in(std::move(*user));
        co_return ok();
    }
    if (user.error().code != ErrorCode::authentication) co_return Failure(user.error());
    log::info("imap.login_failed",
              {{"user", user_name}, {"peer", session.stream().peer_address()}});
    MonotonicTime until = net::deadline_in(session.server().options().failed_login_delay);
    co_await try_(engine::sleep_until(until));
    if (session.login_failed()) {
        session.out().untagged(Status::bye, {}, "Too many failed logins");
        session.log_out();
    }
    co_return reply_for(user.error());
}

task<Result<Reply>> handle_login(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string user_name = in.astring();
    in.space();
    std::string password = in.astring();
    co_await try_(in.finish());
    if (!session.may_send_password()) co_return privacy_required();
    co_return co_await check_password(session, std::move(user_name), std::move(password));
}

}  // namespace postern::imap
