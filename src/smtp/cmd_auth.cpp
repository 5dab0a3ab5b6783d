// AUTH: who the client is, by SASL. Failures cost time and are counted. The exchange is
// auth::SaslExchange's; here are its lines on the wire. RFC 4954.
#include "auth/sasl.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;
using engine::WhenDraining;
using net::deadline_in;

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
    auto mechanism = auth::make_mechanism(arguments.substr(0, end));
    if (mechanism == nullptr) {
        co_return Reply{Code::bad_parameter, status::bad_arguments, "Unknown mechanism"};
    }
    std::optional<std::string_view> initial_response;
    if (end < arguments.size()) initial_response = arguments.substr(end + 1);
    auth::SaslExchange exchange(std::move(mechanism));
    auth::SaslStep step = exchange.start(initial_response);
    while (step.kind == auth::SaslStepKind::challenge) {
        const Limits& limits = server_.limits();
        send({Code::challenge, status::absent, step.bytes});
        co_await try_(stream_.flush(deadline_in(limits.reply_timeout)));
        const auto line = co_await stream_.read_line(
            command_line_bytes_max, deadline_in(limits.command_timeout), WhenDraining::ends);
        if (!line && line.error().code != ErrorCode::line_too_long) co_return Failure(line.error());
        if (!line) co_return Reply{Code::bad_command, status::line_too_long, "Line too long"};
        step = exchange.receive(line->text);
    }
    co_return co_await conclude_login(std::move(step));
}

// The end of an exchange. RFC 4954 §4 (501 for "*" and bad base64), §6.
task<Result<Reply>> Session::conclude_login(auth::SaslStep step) {
    switch (step.kind) {
        case auth::SaslStepKind::cancelled:
            co_return Reply{Code::bad_arguments, status::security, "Authentication cancelled"};
        case auth::SaslStepKind::refused: co_return co_await refuse_login(step.user_name);
        case auth::SaslStepKind::needs_verification: break;
        default:
            co_return Reply{Code::bad_arguments, status::bad_syntax, "Cannot decode the response"};
    }
    const std::string user_name = step.user_name;
    auto account = co_await server_.authenticator().log_in(std::move(step.user_name),
                                                           std::move(step.password));
    if (account) {
        account_ = std::move(*account);
        login_failures_ = 0;
        ++server_.counters().logins;
        co_return Reply{Code::authenticated, status::security, "Authentication succeeded"};
    }
    if (account.error().code == ErrorCode::authentication) {
        co_return co_await refuse_login(user_name);
    }
    if (account.error().kind == ErrorKind::gone) co_return Failure(account.error());
    co_return Reply{Code::temporary_login_failure, status::security,
                    "Temporary authentication failure"};
}

// RFC 4954 §9: guessing is slow, and soon over.
task<Result<Reply>> Session::refuse_login(std::string user_name) {
    ++login_failures_;
    ++server_.counters().logins_failed;
    log::warning("smtp.login_failed", {{"user", user_name}, {"peer", stream_.peer_address()}});
    const auto until = engine::Shard::current().now() + server_.limits().login_failure_delay;
    co_await try_(engine::sleep_until(until));
    co_return Reply{Code::login_failed, status::bad_credentials,
                    "Authentication credentials invalid"};
}

}  // namespace postern::smtp
