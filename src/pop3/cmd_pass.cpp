// USER and PASS, and what every way to log in has in common. Failures cost time and are counted.
// RFC 1939 §7, RFC 3206.
#include "auth/directory.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/event.hpp"
#include "engine/shard.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;

// Passwords go over TLS, unless the administrator says otherwise.
bool Session::may_log_in() const {
    return stream_.is_secure() ||
           server_.settings().plaintext_login == auth::PlaintextLogin::allowed;
}

// RFC 1939 §7 (USER): whether there is such a user is not said.
Reply Session::handle_user(std::string_view arguments) {
    if (!may_log_in()) return refusal("Use STLS first", ResponseCode::authentication);
    user_name_ = trim_wsp(arguments);
    if (user_name_.empty()) return refusal("Argument missing");
    return ok("Password, please");
}

// RFC 1939 §7 (PASS): all of the rest of the line, spaces too.
task<Result<Reply>> Session::handle_pass(std::string_view arguments) {
    if (!may_log_in()) {
        co_return refusal("Use STLS first", ResponseCode::authentication);
    }
    if (user_name_.empty()) co_return refusal("USER first");
    std::string user_name = std::exchange(user_name_, std::string());
    std::string password(arguments);
    co_return co_await log_in(std::move(user_name), std::move(password));
}

// Leaves the login for the loop, which enters the transaction state, perhaps on another shard, and
// answers there. RFC 3206 §3: [AUTH] for wrong credentials, [SYS/TEMP] for our own trouble.
task<Result<Reply>> Session::log_in(std::string user_name, std::string password) {
    auto account = co_await server_.authenticator().log_in(user_name, std::move(password));
    if (account) {
        ++server_.counters().logins;
        login_failures_ = 0;
        login_ = Login{(*account)->address, std::string(auth::mail_directory(**account))};
        co_return Reply{};
    }
    if (account.error().code == ErrorCode::authentication) {
        co_return co_await refuse_login(std::move(user_name));
    }
    if (account.error().kind == ErrorKind::gone) co_return Failure(account.error());
    co_return reply_to_failure(account.error());
}

// Guessing is slow, and soon over.
task<Result<Reply>> Session::refuse_login(std::string user_name) {
    ++login_failures_;
    ++server_.counters().logins_failed;
    log::warning("pop3.login_failed", {{"user", user_name}, {"peer", stream_.peer_address()}});
    const auto until = engine::Shard::current().now() + server_.limits().login_failure_delay;
    co_await try_(engine::sleep_until(until));
    co_return refusal("Wrong user name or password", ResponseCode::authentication);
}

}  // namespace postern::pop3
