// AUTH: who the client is, by SASL. Failures cost time and are counted. The exchange is
// auth::converse_sasl's, here are its replies. RFC 4954.
#include <algorithm>

#include "auth/sasl_dialogue.hpp"

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;

// RFC 4954 §4: "AUTH" SP mechanism [SP initial-response], then challenges and responses.
task<Result<Reply>> Session::handle_auth(std::string_view arguments) {
    if (account_ != nullptr) {
        co_return Reply{Code::bad_sequence, status::bad_command, "Logged in already"};
    }
    if (!may_log_in()) {
        co_return Reply{Code::encryption_required, status::encryption_required,
                        "Encryption required, use STARTTLS"};
    }
    const std::size_t end = std::min(arguments.find(' '), arguments.size());
    auto exchange = server_.authenticator().begin(arguments.substr(0, end), stream_.secure());
    if (!exchange) {
        co_return Reply{Code::bad_parameter, status::bad_arguments, "Unknown mechanism"};
    }
    std::optional<std::string_view> initial_response;
    if (end < arguments.size()) initial_response = arguments.substr(end + 1);
    const Limits& limits = server_.limits();
    const auth::SaslWire wire{"334 ", limits.reply_timeout, limits.command_timeout};
    auto step = co_await try_(auth::converse_sasl(&stream_, &*exchange, initial_response, wire));
    co_return co_await conclude_login(std::move(step));
}

// The end of an exchange. RFC 4954 §4 (501 for "*" and bad base64), §6.
task<Result<Reply>> Session::conclude_login(auth::SaslStep step) {
    switch (step.kind) {
        case auth::SaslStepKind::cancelled:
            co_return Reply{Code::bad_arguments, status::security, "Authentication cancelled"};
        case auth::SaslStepKind::too_long:
            co_return Reply{Code::bad_command, status::line_too_long, "Line too long"};
        case auth::SaslStepKind::malformed:
            co_return Reply{Code::bad_arguments, status::bad_syntax, "Cannot decode the response"};
        default: break;
    }
    std::string user_name = step.user_name;
    auto login = co_await server_.authenticator().conclude(std::move(step));
    if (login) {
        account_ = std::move(*login);
        server_.authenticator().note_login(open_login_, account_->id, &stream_.wake_event());
        login_failures_ = 0;
        ++server_.counters().logins;
        co_return Reply{Code::authenticated, status::security, "Authentication succeeded"};
    }
    if (login.error().kind == ErrorKind::peer_request) {
        co_return co_await refuse_login(std::move(user_name), login.error());
    }
    if (login.error().kind == ErrorKind::gone) co_return Failure(login.error());
    co_return Reply{Code::temporary_login_failure, status::security,
                    "Temporary authentication failure"};
}

// RFC 4954 §9: guessing is slow, and soon over.
task<Result<Reply>> Session::refuse_login(std::string user_name, Error error) {
    ++login_failures_;
    ++server_.counters().logins_failed;
    note_offence(Offence::failed_login);
    log::warning("smtp.login_failed",
                 {{"user", user_name}, {"peer", peer_address_}, {"reason", error.what}});
    const auto until = engine::Shard::current().now() + server_.limits().login_failure_delay;
    co_await try_(engine::sleep_until(until));
    const bool unbound = error.code == ErrorCode::unsupported;
    co_return Reply{Code::login_failed, status::bad_credentials,
                    unbound ? "Channel binding does not fit this connection"
                            : "Authentication credentials invalid"};
}

}  // namespace postern::smtp
