// Reports; see report.hpp.
#include "smtp/client/report.hpp"

#include <cerrno>

#include "queue/limits.hpp"

namespace postern::smtp::client {
namespace {

Trouble make(queue::Outcome outcome, std::string_view status, std::string explanation) {
    Trouble trouble;
    trouble.outcome = outcome;
    trouble.status = status;
    trouble.explanation = explanation.substr(0, queue::explanation_bytes_max);
    return trouble;
}

std::string_view words_for(const Error& error) {
    switch (error.code) {
        case ErrorCode::timed_out: return "no answer in time";
        case ErrorCode::closed: return "the connection was closed";
        case ErrorCode::reset: return "the connection was reset";
        case ErrorCode::tls: return "TLS failed";
        case ErrorCode::line_too_long:
        case ErrorCode::syntax: return "the answer is no SMTP reply";
        default: break;
    }
    switch (error.system_errno) {
        case ECONNREFUSED: return "connection refused";
        case ENETUNREACH:
        case EHOSTUNREACH: return "no route to host";
        default: return error.what;
    }
}

}  // namespace

Trouble deferred(std::string_view status, std::string explanation) {
    return make(queue::Outcome::deferred, status, std::move(explanation));
}
Trouble failed(std::string_view status, std::string explanation) {
    return make(queue::Outcome::failed, status, std::move(explanation));
}
Trouble untried(std::string explanation) {
    return make(queue::Outcome::untried, "4.3.2", std::move(explanation));
}

Trouble report_reply(const RemoteReply& reply) {
    queue::Outcome outcome = queue::Outcome::deferred;
    std::string_view status = "4.0.0";
    if (reply.is_positive()) {
        outcome = queue::Outcome::delivered;
        status = "2.0.0";
    } else if (reply.is_permanent_error()) {
        outcome = queue::Outcome::failed;
        status = "5.0.0";
    }
    std::string own = reply.status();
    Trouble report = make(outcome, own.empty() ? status : std::string_view(own), {});
    report.reply = reply.text();
    return report;
}

Trouble report_reply(const RemoteReply& reply, std::string_view command) {
    Trouble report = report_reply(reply);
    report.explanation = "in answer to " + std::string(command);
    return report;
}

// RFC 3463 §3.5: X.4.1 no answer from host, X.4.2 bad connection; §3.6: X.5.0 protocol.
Trouble report_error(const Error& error, std::string_view while_doing) {
    if (error.code == ErrorCode::cancelled) return untried("shutting down");
    std::string_view status = error.code == ErrorCode::timed_out ? "4.4.1" : "4.4.2";
    if (error.system_errno == ECONNREFUSED) status = "4.4.1";
    if (error.kind == ErrorKind::peer_syntax) status = "4.5.0";
    if (error.code == ErrorCode::tls) status = "4.7.5";
    if (error.kind == ErrorKind::internal) status = "4.3.0";
    return deferred(status, std::string(words_for(error)) + " " + std::string(while_doing));
}

}  // namespace postern::smtp::client
