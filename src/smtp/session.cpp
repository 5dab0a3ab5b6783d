// The loop of a session; see session.hpp.
#include "smtp/session.hpp"

#include <utility>

#include "base/log.hpp"
#include "smtp/command_table.hpp"
#include "smtp/intake.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;
using engine::WhenDraining;
using net::deadline_in;

Session::Session(Server& server, net::Stream stream, Role role)
    : server_(server),
      stream_(std::move(stream)),
      role_(role),
      peer_address_(stream_.peer_address()) {}

Session::~Session() = default;

task<void> Session::run() {
    auto outcome = co_await converse();
    settle_commands();
    if (!outcome) take_leave(outcome.error());
    co_await stream_.close(deadline_in(server_.limits().close_timeout));
}

// RFC 5321 §3.1 to §3.8; the stream sends replies when the peer waits for them (RFC 2920 §3.2).
task<Result<void>> Session::converse() {
    const Limits& limits = server_.limits();
    stream_.set_output_timeout(limits.reply_timeout);
    const auto refusal = co_await try_(meet_peer());
    if (role_ == Role::submissions) {
        if (refusal) co_return {};  // there is no way to say it without TLS
        auto secure = server_.make_secure();
        co_await try_(begin_tls(std::move(secure), ""));
    }
    send(refusal ? *refusal : greeting());
    if (refusal && state_ != State::closing) co_return co_await see_off();
    while (state_ != State::closing) {
        co_await try_(stream_.flush_if_full(deadline_in(limits.reply_timeout)));
        if (account_ != nullptr) {
            const auto deadline = deadline_in(limits.command_timeout);
            co_await try_(auth::await_client(&stream_, &open_login_, deadline));
        }
        auto line = co_await stream_.read_line(
            command_line_bytes_max, deadline_in(limits.command_timeout), WhenDraining::ends);
        co_await try_(answer(std::move(line)));
    }
    co_return {};
}

// RFC 5321 §4.2 (Greeting), RFC 2033 §4.1
Reply Session::greeting() const {
    const char* protocol = role_ == Role::lmtp ? " LMTP Postern" : " ESMTP Postern";
    return {Code::service_ready, status::absent, server_.settings().host_name + protocol};
}

// One command line, or what could not become one, to its reply.
task<Result<void>> Session::answer(Result<net::Line> line) {
    Reply reply;
    if (line && line->ending == net::LineEnding::crlf) {
        reply = co_await try_(perform(line->text));
    } else if (line) {
        reply = {Code::bad_command, status::bad_syntax, "Lines end in CRLF"};
    } else if (line.error().code == ErrorCode::line_too_long) {
        reply = {Code::bad_command, status::bad_syntax, "Line too long"};
    } else {
        co_return Failure(line.error());
    }
    ++commands_;
    count(reply);
    send(reply);
    if (state_ != State::closing && is_over_a_limit()) {
        send({Code::unavailable, status::security, "Too many errors or commands, closing"});
    } else if (auto refusal = guard_command(); refusal && state_ != State::closing) {
        send(*refusal);
    }
    co_return {};
}

// Parse, look up, check the state, run.
task<Result<Reply>> Session::perform(std::string_view text) {
    const auto line = parse_command_line(text);
    if (!line) co_return Reply{Code::bad_command, status::bad_syntax, "Syntax error"};
    const Command* command = find_command(line->verb);
    const std::uint8_t hidden = role_ == Role::lmtp ? flags::smtp_only : flags::lmtp_only;
    if (command == nullptr || (command->flags & hidden) != 0) {
        co_return Reply{Code::bad_command, status::bad_command, "Command not recognized"};
    }
    if (auto refusal = check_command(*command, *line)) {
        note_refusal(*command, *line, *refusal);
        if ((command->flags & flags::brings_data) == 0) co_return std::move(*refusal);
        co_return co_await refuse_chunk(line->arguments, std::move(*refusal));
    }
    Reply reply;
    if (command->handle != nullptr) {
        reply = (this->*command->handle)(line->arguments);
    } else {
        reply = co_await try_((this->*command->handle_later)(line->arguments));
    }
    note_refusal(*command, *line, reply);
    co_return reply;
}

// RFC 5321 §4.1.4 (order of commands), §4.3.2; RFC 4954 §6 (530).
std::optional<Reply> Session::check_command(const Command& command, const CommandLine& line) const {
    if ((command.flags & flags::no_arguments) != 0 && !line.arguments.empty()) {
        return Reply{Code::bad_arguments, status::bad_arguments, "No arguments allowed"};
    }
    if ((command.flags & flags::takes_utf8) == 0 && has_8bit(line.arguments)) {
        return Reply{Code::bad_arguments, status::bad_arguments, "ASCII only, please"};
    }
    if ((command.flags & flags::needs_login) != 0 && is_submission() && account_ == nullptr &&
        state_ != State::connected) {
        if (!may_log_in()) {
            return Reply{Code::login_required, status::security,
                         "Must issue a STARTTLS command first"};
        }
        return Reply{Code::login_required, status::security, "Authentication required"};
    }
    if ((command.states & std::uint8_t(state_)) == 0) return wrong_state(command);
    return std::nullopt;
}

// RFC 5321 §3.3: DATA when every RCPT was refused has a reply of its own. RFC 3030 §2: DATA after
// BDAT.
Reply Session::wrong_state(const Command& command) const {
    const char* text = "MAIL first";
    if (state_ == State::connected) text = role_ == Role::lmtp ? "LHLO first" : "EHLO first";
    if (state_ == State::mail || state_ == State::recipients) text = "A transaction is under way";
    if (state_ == State::chunks) text = "BDAT or RSET, please";
    if (state_ == State::mail && (command.name == "DATA" || command.name == "BDAT")) {
        return {Code::failed, status::bad_command, "No valid recipients"};
    }
    return {Code::bad_sequence, status::bad_command, text};
}

void Session::send(const Reply& reply) {
    stream_.write(format_reply(reply));
    if (reply.closes()) state_ = State::closing;
}

// RFC 5321 §4.3.2, §7.8: a peer that only errs is not served for ever.
void Session::count(const Reply& reply) {
    switch (reply.code) {
        case Code::bad_command:
        case Code::bad_arguments:
        case Code::not_implemented:
        case Code::bad_sequence:
        case Code::bad_parameter:
        case Code::login_required:
        case Code::unknown_parameter:
            ++errors_;
            note_offence(Offence::error);
            break;
        default: break;
    }
}

bool Session::is_over_a_limit() const {
    const Limits& limits = server_.limits();
    return errors_ > limits.errors_max || commands_ > limits.commands_max ||
           refused_recipients_ > limits.refused_recipients_max ||
           login_failures_ >= limits.login_failures_max;
}

// RFC 5321 §3.8: a server that ends the session on its own says so, when somebody is there.
void Session::take_leave(const Error& error) {
    const std::string& host = server_.settings().host_name;
    if (error.code == ErrorCode::timed_out) {
        send({Code::unavailable, status::timed_out, host + " Timeout, closing the connection"});
    } else if (error.code == ErrorCode::cancelled) {
        send({Code::unavailable, status::not_accepting, host + " Service shutting down"});
    } else if (error.code == ErrorCode::authentication) {
        send({Code::unavailable, status::security, host + " This account has been disabled"});
    } else if (error.kind != ErrorKind::gone) {
        send({Code::unavailable, status::system, host + " Local error, closing the connection"});
    }
    log::debug("smtp.session_ended",
               {{"peer", peer_address_}, {"reason", error}, {"commands", commands_}});
}

task<Result<void>> Session::begin_tls(std::unique_ptr<net::SecureLayer> secure,
                                      std::string_view go_ahead) {
    const auto deadline = deadline_in(server_.limits().handshake_timeout);
    auto done = co_await stream_.start_tls(std::move(secure), go_ahead, deadline);
    forget_peer();
    if (done) co_return {};
    Error error = done.error();
    error.code = ErrorCode::tls;  // whatever it was: there is no way to say more
    co_return Failure(error);
}

void Session::forget_peer() {
    forget_transaction();
    state_ = State::connected;
    greeting_ = Greeting::none;
    helo_.clear();
    account_ = nullptr;
    open_login_.leave();
}

void Session::forget_transaction() {
    envelope_ = Envelope{};
    incoming_.reset();
    if (state_ == State::mail || state_ == State::recipients || state_ == State::chunks) {
        state_ = State::ready;
    }
}

}  // namespace postern::smtp
