// AUTHENTICATE: SASL over base64 lines, with the initial response of SASL-IR. The mechanisms are
// auth's. RFC 3501 §6.2.2, RFC 4959, RFC 4422.
#include "auth/sasl_dialogue.hpp"
#include "imap/commands.hpp"
#include "imap/login.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct AuthenticateArguments {
    std::string mechanism;
    std::optional<std::string> initial_response;
};

// RFC 4959 §3: authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")]
Result<AuthenticateArguments> parse_authenticate(Decoder in) {
    AuthenticateArguments arguments;
    in.space();
    arguments.mechanism = in.atom();
    if (in.take(' ')) arguments.initial_response = in.atom();
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

}  // namespace

task<Result<Reply>> handle_authenticate(Session& session, Command& command) {
    AuthenticateArguments arguments = co_await try_(parse_authenticate(command.arguments()));
    auto& authenticator = session.server().authenticator();
    auto exchange = authenticator.begin(arguments.mechanism, session.stream().secure());
    if (!exchange) co_return no(code::cannot, "Unsupported authentication mechanism");
    if (!session.may_send_password()) co_return privacy_required();
    std::optional<std::string_view> initial_response;
    if (arguments.initial_response) initial_response = *arguments.initial_response;
    const auth::SaslWire wire{"+ ", session.server().options().output_timeout,
                              session.server().options().transfer_timeout};
    auto step =
        co_await try_(auth::converse_sasl(&session.stream(), &*exchange, initial_response, wire));
    switch (step.kind) {
        case auth::SaslStepKind::cancelled: co_return bad("Authentication cancelled");
        case auth::SaslStepKind::too_long: co_return bad("Response too long");
        case auth::SaslStepKind::malformed: co_return bad("Invalid authentication response");
        default: break;
    }
    std::string user_name = step.user_name;
    auto login = co_await authenticator.conclude(std::move(step));
    co_return co_await accept_login(session, std::move(user_name), std::move(login));
}

}  // namespace postern::imap
