// AUTH: logging in by SASL. The exchange is auth::converse_sasl's, here are its replies.
// RFC 5034, RFC 3206 (AUTH-RESP-CODE).
#include <algorithm>

#include "auth/sasl_dialogue.hpp"
#include "base/ascii.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;

// RFC 5034 §4: "AUTH" SP mechanism [SP initial-response], then "+ " challenges and responses.
task<Result<Reply>> Session::handle_auth(std::string_view arguments) {
    if (!may_log_in()) {
        co_return refusal("Use STLS first", ResponseCode::authentication);
    }
    arguments = trim_wsp(arguments);
    const std::size_t end = std::min(arguments.find(' '), arguments.size());
    auto exchange = server_.authenticator().begin(arguments.substr(0, end), stream_.secure());
    if (!exchange) co_return refusal("Unknown mechanism");
    std::optional<std::string_view> initial_response;
    if (end < arguments.size()) initial_response = arguments.substr(end + 1);
    const Limits& limits = server_.limits();
    const auth::SaslWire wire{"+ ", limits.reply_timeout, limits.login_timeout};
    auto step = co_await try_(auth::converse_sasl(&stream_, &*exchange, initial_response, wire));
    switch (step.kind) {
        case auth::SaslStepKind::cancelled: co_return refusal("Cancelled");
        case auth::SaslStepKind::too_long: co_return refusal("Line too long");
        case auth::SaslStepKind::malformed: co_return refusal("Cannot decode the response");
        default: break;
    }
    std::string user_name = step.user_name;
    auto login = co_await server_.authenticator().conclude(std::move(step));
    co_return co_await accept_login(std::move(user_name), std::move(login));
}

}  // namespace postern::pop3
