// AUTHENTICATE: SASL over base64 lines, with the initial response of SASL-IR. The mechanisms are
// auth's. RFC 3501 §6.2.2, RFC 4959, RFC 4422.
#include "auth/limits.hpp"
#include "auth/sasl.hpp"
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

// RFC 3501 §6.2.2: challenges as continuations, until the exchange is over.
task<Result<auth::SaslStep>> exchange(Session& session, auth::SaslExchange& sasl,
                                      std::optional<std::string> initial_response) {
    std::optional<std::string_view> initial;
    if (initial_response) initial = *initial_response;
    auth::SaslStep step = sasl.start(initial);
    while (step.kind == auth::SaslStepKind::challenge) {
        session.out().continuation(step.bytes);
        co_await try_(session.stream().flush(session.output_deadline()));
        net::Line line = co_await try_(
            session.stream().read_line(auth::sasl_line_bytes_max, session.transfer_deadline()));
        step = sasl.receive(line.text);
    }
    co_return step;
}

}  // namespace

task<Result<Reply>> handle_authenticate(Session& session, Command& command) {
    AuthenticateArguments arguments = co_await try_(parse_authenticate(command.arguments()));
    auto mechanism = auth::make_mechanism(arguments.mechanism);
    if (!mechanism) co_return no(code::cannot, "Unsupported authentication mechanism");
    if (!session.may_send_password()) co_return privacy_required();
    auth::SaslExchange sasl(std::move(mechanism));
    auth::SaslStep step =
        co_await try_(exchange(session, sasl, std::move(arguments.initial_response)));
    switch (step.kind) {
        case auth::SaslStepKind::needs_verification: break;
        case auth::SaslStepKind::cancelled: co_return bad("Authentication cancelled");
        case auth::SaslStepKind::refused:
            co_return no(code::authorization_failed, "Not allowed to act for another user");
        default: co_return bad("Invalid authentication response");
    }
    co_return co_await check_password(session, std::move(step.user_name), std::move(step.password));
}

}  // namespace postern::imap
