// Opening a session, and replies; see session.hpp.
#include "smtp/client/session.hpp"

#include <utility>

#include "base/base64.hpp"
#include "engine/shard.hpp"
#include "tls/crypto.hpp"

namespace postern::smtp::client {

using engine::task;
using engine::try_;
using engine::WhenDraining;
using net::deadline_in;

namespace {

Failure no_reply() {
    return fail_syntax("no SMTP reply");
}

// RFC 4616 §2
std::string plain_response(const Login& login) {
    std::string message;
    message += '\0';
    message += login.user_name;
    message += '\0';
    message += login.password;
    std::string encoded = base64_encode(message);
    crypto::wipe(message);
    return encoded;
}

// A certificate that does not verify and the like: the next attempt may find it mended.
Trouble tls_trouble(std::string explanation) {
    return deferred("4.7.5", std::move(explanation));
}

}  // namespace

Session::Session(net::Stream stream, std::string host, const Limits& limits)
    : limits_(limits), stream_(std::move(stream)), host_(std::move(host)) {}

// ---- replies ------------------------------------------------------------------------------------

// RFC 5321 §2.3.8: lines end in CRLF; a bare LF is let pass, as all clients do.
task<Result<RemoteReply>> Session::read_reply(MonotonicTime deadline, Ending ending,
                                              WhenDraining when) {
    ReplyParser parser;
    line_.clear();
    for (;;) {
        auto bytes = co_await stream_.read_some(deadline, when);
        if (!bytes) {
            is_broken = true;
            if (ending == Ending::any && begins_positive_end(line_) &&
                bytes.error().code == ErrorCode::closed) {
                parser.take(line_);
                co_return parser.take_reply();
            }
            co_return Failure(bytes.error());
        }
        const std::size_t end = bytes->find('\n');
        const std::size_t taken = end == bytes->npos ? bytes->size() : end + 1;
        line_ += bytes->substr(0, taken);
        stream_.consume(taken);
        if (line_.size() > reply_line_bytes_max) {
            is_broken = true;
            co_return fail_syntax("a reply line too long", ErrorCode::line_too_long);
        }
        if (end == std::string_view::npos) continue;
        line_.pop_back();
        if (line_.ends_with('\r')) line_.pop_back();
        const auto step = parser.take(line_);
        line_.clear();
        if (step == ReplyParser::Step::bad) {
            is_broken = true;
            co_return no_reply();
        }
        if (step == ReplyParser::Step::done) break;
    }
    RemoteReply reply = parser.take_reply();
    if (reply.closes()) is_broken = true;
    co_return reply;
}

task<Result<RemoteReply>> Session::command(std::string_view line, Duration timeout) {
    const MonotonicTime deadline = deadline_in(timeout);
    stream_.write(line);
    stream_.write("\r\n");
    auto sent = co_await stream_.flush(deadline);
    if (!sent) {
        is_broken = true;
        co_return Failure(sent.error());
    }
    co_return co_await read_reply(deadline);
}

// ---- opening ------------------------------------------------------------------------------------

task<std::optional<Trouble>> Session::open(const Opening* opening) {
    protocol_ = opening->protocol;
    const bool implicit = opening->tls->start == TlsStart::implicit;
    if (implicit) {
        if (auto trouble = co_await shake_hands(opening)) co_return trouble;
    }
    if (auto trouble = co_await read_greeting()) co_return trouble;
    if (auto trouble = co_await say_hello(opening)) co_return trouble;
    if (!implicit) {
        if (auto trouble = co_await secure(opening)) co_return trouble;
    }
    if (opening->login != nullptr) {
        if (auto trouble = co_await log_in(opening->login)) co_return trouble;
    }
    co_return std::nullopt;
}

// RFC 5321 §3.1, §4.3.2: 220, or 554 and 421 from those who do not want us.
task<std::optional<Trouble>> Session::read_greeting() {
    auto reply = co_await read_reply(deadline_in(limits_.greeting_timeout));
    if (!reply) co_return report_error(reply.error(), "waiting for the greeting");
    if (reply->is_positive()) co_return std::nullopt;
    Trouble trouble = report_reply(*reply, "the connection");
    // Another host of the domain, or another day, may be kinder (RFC 5321 §5.1).
    if (reply->is_permanent_error()) trouble.explanation = "refused at the greeting";
    co_return trouble;
}

// RFC 5321 §3.2: HELO for those who do not know EHLO.
task<std::optional<Trouble>> Session::say_hello(const Opening* opening) {
    const bool is_lmtp = protocol_ == Protocol::lmtp;
    const std::string line = (is_lmtp ? "LHLO " : "EHLO ") + opening->our_name;
    auto reply = co_await command(line, limits_.command_timeout);
    if (!reply) co_return report_error(reply.error(), "in answer to EHLO");
    if (reply->is_positive()) {
        capabilities_ = parse_capabilities(*reply);
        capabilities_.is_last_hop = is_lmtp;
        co_return std::nullopt;
    }
    if (!reply->is_permanent_error() || is_lmtp) co_return report_reply(*reply, "EHLO");
    capabilities_ = {};
    const std::string helo = "HELO " + opening->our_name;
    reply = co_await command(helo, limits_.command_timeout);
    if (!reply) co_return report_error(reply.error(), "in answer to HELO");
    if (reply->is_positive()) co_return std::nullopt;
    co_return report_reply(*reply, "HELO");
}

// ---- TLS ----------------------------------------------------------------------------------------

task<std::optional<Trouble>> Session::secure(const Opening* opening) {
    const TlsRequirement* requirement = opening->tls;
    if (requirement->level == TlsLevel::off) co_return std::nullopt;
    if (!capabilities_.starttls || opening->tls_clients == nullptr) {
        tls_end_ = TlsEnd::not_offered;
        if (!requirement->must_encrypt()) co_return std::nullopt;
        co_return tls_trouble("TLS is required, and the server does not offer it");
    }
    if (auto trouble = co_await ask_for_tls(requirement)) co_return trouble;
    if (auto trouble = co_await shake_hands(opening)) co_return trouble;
    co_return co_await say_hello(opening);  // RFC 3207 §4.2: what it said before is forgotten
}

task<std::optional<Trouble>> Session::ask_for_tls(const TlsRequirement* requirement) {
    auto reply = co_await command("STARTTLS", limits_.command_timeout);
    if (reply && reply->code == 220) co_return std::nullopt;
    tls_failed_ = !requirement->must_encrypt();
    tls_end_ = TlsEnd::not_offered;
    if (!reply) co_return report_error(reply.error(), "in answer to STARTTLS");
    Trouble trouble = report_reply(*reply, "STARTTLS");
    trouble.outcome = queue::Outcome::deferred;
    trouble.status = "4.7.5";
    co_return trouble;
}

// RFC 3207 §4.2: whatever came in the clear after the go-ahead was not said by the server whose
// certificate we are about to see.
task<Result<void>> Session::discard_input(MonotonicTime deadline) {
    while (stream_.has_input()) {
        const std::string_view bytes = co_await try_(stream_.read_some(deadline));
        stream_.consume(bytes.size());
    }
    co_return {};
}

task<std::optional<Trouble>> Session::shake_hands(const Opening* opening) {
    const TlsRequirement* requirement = opening->tls;
    const MonotonicTime deadline = deadline_in(limits_.handshake_timeout);
    tls_end_ = TlsEnd::failed;
    auto cleared = co_await discard_input(deadline);
    if (!cleared) co_return report_error(cleared.error(), "before the TLS handshake");
    const bool may_resume = opening->resumptions != nullptr && !requirement->is_sts_testing &&
                            requirement->level <= TlsLevel::encrypt;
    tls::Resumption resumption;
    if (may_resume) resumption = opening->resumptions->take(address(), requirement->server_name);
    auto layer = co_await opening->tls_clients->make_layer(requirement, std::move(resumption));
    if (!layer) co_return tls_trouble(layer.error().what);
    const tls::Session& session = (*layer)->session();
    auto shaken = co_await stream_.start_tls(std::move(*layer), "", deadline);
    if (!shaken) {
        is_broken = true;
        tls_failed_ = !requirement->must_encrypt();
        if (shaken.error().code != ErrorCode::tls) {
            co_return report_error(shaken.error(), "in the TLS handshake");
        }
        co_return tls_trouble(std::string("TLS handshake: ") + shaken.error().what);
    }
    tls_end_ = TlsEnd::works;
    tls_.is_secure = true;
    tls_.is_verified =
        requirement->level == TlsLevel::dane || requirement->level == TlsLevel::verify;
    tls_.would_verify = !requirement->is_sts_testing || session.verified();
    tls_.description = std::string(session.version()) + " " + std::string(session.cipher());
    if (session.resumed()) tls_.description += " resumed";
    if (may_resume) {
        tls_session_ = &session;
        resumptions_ = opening->resumptions;
        server_name_ = requirement->server_name;
    }
    co_return std::nullopt;
}

// ---- login --------------------------------------------------------------------------------------

// RFC 4954 §4. A refusal is deferred: it is our configuration that must be mended, not the message.
task<std::optional<Trouble>> Session::log_in(const Login* login) {
    if (!tls_.is_secure) {
        co_return deferred("4.7.11", "the password is not sent in the clear");
    }
    Result<RemoteReply> reply = fail_syntax("nothing asked");
    if (capabilities_.offers_auth("PLAIN")) {
        std::string line = "AUTH PLAIN " + plain_response(*login);
        reply = co_await command(line, limits_.command_timeout);
        crypto::wipe(line);
    } else if (capabilities_.offers_auth("LOGIN")) {
        reply = co_await log_in_step_by_step(login);
    } else {
        co_return deferred("4.7.4", "the server offers no way to log in that we know");
    }
    if (!reply) co_return report_error(reply.error(), "while logging in");
    if (reply->code == 235) co_return std::nullopt;
    Trouble trouble = report_reply(*reply, "AUTH");
    trouble.outcome = queue::Outcome::deferred;
    trouble.status = "4.7.8";
    co_return trouble;
}

// AUTH LOGIN: the user name and the password, each asked for by 334.
task<Result<RemoteReply>> Session::log_in_step_by_step(const Login* login) {
    RemoteReply reply = co_await try_(command("AUTH LOGIN", limits_.command_timeout));
    for (const std::string* word : {&login->user_name, &login->password}) {
        if (reply.code != 334) co_return reply;
        std::string encoded = base64_encode(*word);
        reply = co_await try_(command(encoded, limits_.command_timeout));
        crypto::wipe(encoded);
    }
    co_return reply;
}

void Session::keep_resumption() {
    if (tls_session_ == nullptr) return;
    resumptions_->put(address(), server_name_, tls_session_->resumption());
}

// ---- leaving ------------------------------------------------------------------------------------

task<void> Session::quit() {
    const MonotonicTime deadline = deadline_in(limits_.quit_timeout);
    if (!is_broken) {
        auto reply = co_await command("QUIT", limits_.quit_timeout);
        (void)reply;
    }
    co_await stream_.close(deadline);
}

}  // namespace postern::smtp::client
