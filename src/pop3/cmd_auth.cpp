// AUTH: logging in by SASL. The exchange is auth::SaslExchange's; here are its lines on the wire.
// RFC 5034, RFC 3206 (AUTH-RESP-CODE).
#include <algorithm>

#include "auth/sasl.hpp"
#include "base/ascii.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;
using engine::WhenDraining;
using net::deadline_in;

// RFC 5034 §4: "AUTH" SP mechanism [SP initial-response], then "+ " challenges and responses.
task<Result<Reply>> Session::handle_auth(std::string_view arguments) {
    if (!may_log_in()) {
        co_return refusal("Use STLS first", ResponseCode::authentication);
    }
    arguments = trim_wsp(arguments);
    const std::size_t end = std::min(arguments.find(' '), arguments.size());
    auto mechanism = auth::make_mechanism(arguments.substr(0, end));
    if (mechanism == nullptr) co_return refusal("Unknown mechanism");
    std::optional<std::string_view> initial_response;
    if (end < arguments.size()) initial_response = arguments.substr(end + 1);
    auth::SaslExchange exchange(std::move(mechanism));
    auth::SaslStep step = exchange.start(initial_response);
    while (step.kind == auth::SaslStepKind::challenge) {
        const Limits& limits = server_.limits();
        stream_.write("+ " + step.bytes + "\r\n");
        co_await try_(stream_.flush(deadline_in(limits.reply_timeout)));
        const auto line = co_await stream_.read_line(
            command_line_bytes_max, deadline_in(limits.login_timeout), WhenDraining::ends);
        if (!line && line.error().code != ErrorCode::line_too_long) co_return Failure(line.error());
        if (!line) co_return refusal("Line too long");
        step = exchange.receive(line->text);
    }
    if (step.kind == auth::SaslStepKind::cancelled) co_return refusal("Cancelled");
    if (step.kind == auth::SaslStepKind::refused) {
        co_return co_await refuse_login(std::move(step.user_name));
    }
    if (step.kind != auth::SaslStepKind::needs_verification) {
        co_return refusal("Cannot decode the response");
    }
    co_return co_await log_in(std::move(step.user_name), std::move(step.password));
}

}  // namespace postern::pop3
