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
    auto login = co_await server_.authenticator().log_in(user_name, std::move(password));
    co_return co_await accept_login(std::move(user_name), std::move(login));
}

// Leaves the login for the loop, which enters the transaction state, perhaps on another shard, and
// answers there. RFC 3206 §3: [AUTH] for wrong credentials, [SYS/TEMP] for our own trouble.
task<Result<Reply>> Session::accept_login(std::string user_name, auth::LoginResult login) {
    if (login) {
        ++server_.counters().logins;
        login_failures_ = 0;
        login_ = Login{(*login)->id, (*login)->address, std::string(auth::mail_directory(**login)),
                       (*login)->pop3_retention};
        co_return Reply{};
    }
    if (login.error().kind == ErrorKind::peer_request) {
        co_return co_await refuse_login(std::move(user_name), login.error());
    }
    if (login.error().kind == ErrorKind::gone) co_return Failure(login.error());
    co_return reply_to_failure(login.error());
}

// Guessing is slow, and soon over.
task<Result<Reply>> Session::refuse_login(std::string user_name, Error error) {
    ++login_failures_;
    ++server_.counters().logins_failed;
    log::warning("pop3.login_failed",
                 {{"user", user_name}, {"peer", stream_.peer_address()}, {"reason", error.what}});
    const auto until = engine::Shard::current().now() + server_.limits().login_failure_delay;
    co_await try_(engine::sleep_until(until));
    const bool unbound = error.code == ErrorCode::unsupported;
    co_return refusal(
        unbound ? "Channel binding does not fit this connection" : "Wrong user name or password",
        ResponseCode::authentication);
}

}  // namespace postern::pop3
