// SASL over lines; see sasl_dialogue.hpp.
#include "auth/sasl_dialogue.hpp"

#include <string>

#include "auth/limits.hpp"

namespace postern::auth {

using engine::task;
using engine::try_;
using engine::WhenDraining;
using net::deadline_in;

task<Result<SaslStep>> converse_sasl(net::Stream* stream, SaslExchange* exchange,
                                     std::optional<std::string_view> initial_response,
                                     SaslWire wire) {
    SaslStep step = exchange->start(initial_response);
    while (step.kind == SaslStepKind::challenge) {
        stream->write(std::string(wire.prefix) + step.bytes + "\r\n");
        co_await try_(stream->flush(deadline_in(wire.reply_timeout)));
        const auto line = co_await stream->read_line(
            sasl_line_bytes_max, deadline_in(wire.response_timeout), WhenDraining::ends);
        if (line) {
            step = exchange->receive(line->text);
        } else if (line.error().code == ErrorCode::line_too_long) {
            step.kind = SaslStepKind::too_long;
        } else {
            co_return Failure(line.error());
        }
    }
    co_return step;
}

}  // namespace postern::auth
