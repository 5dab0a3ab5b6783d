// The loop of a session, and how it gets to its account's home shard; see session.hpp.
#include "pop3/session.hpp"

#include <utility>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "pop3/command_table.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;
using engine::WhenDraining;
using net::deadline_in;

Session::Session(Server& server, net::Stream stream, Role role)
    : server_(server), stream_(std::move(stream)), needs_tls_first_(role == Role::pop3s) {}

Session::Session(Server& server, Handover handover)
    : server_(server),
      stream_(std::move(handover.stream)),
      greets_(false),
      login_(std::move(handover.login)),
      language_(handover.language),
      utf8_(handover.utf8) {}

// RFC 1939 §3: a session that times out is closed without a word, and nothing is removed. RFC 3206
// §4: why an account that was disabled is served no longer is said.
task<void> Session::run() {
    auto outcome = co_await converse();
    if (!outcome && outcome.error().code == ErrorCode::authentication) {
        send(refusal("This account has been disabled", ResponseCode::authentication));
    }
    if (!outcome) {
        log::debug("pop3.session_ended",
                   {{"peer", stream_.peer_address()}, {"reason", outcome.error()}});
    }
    // The next session need not wait until this peer has taken leave.
    drop_.reset();
    if (!moved_) co_await stream_.close(deadline_in(server_.limits().close_timeout));
}

// RFC 1939 §3; the stream sends replies when the peer waits for them (RFC 2449 §6.6).
task<Result<void>> Session::converse() {
    const Limits& limits = server_.limits();
    stream_.set_output_timeout(limits.reply_timeout);
    if (needs_tls_first_) {
        auto secure = server_.make_secure();
        const auto deadline = deadline_in(limits.handshake_timeout);
        co_await try_(stream_.start_tls(std::move(secure), "", deadline));
    }
    if (greets_) send(ok(server_.settings().host_name + " Postern POP3 ready"));
    while (state_ != State::closing) {
        if (login_) co_await try_(enter_transaction());
        if (state_ == State::closing) break;
        co_await try_(stream_.flush_if_full(deadline_in(limits.reply_timeout)));
        const Duration timeout =
            state_ == State::transaction ? limits.command_timeout : limits.login_timeout;
        if (state_ == State::transaction) {
            co_await try_(auth::await_client(&stream_, &open_login_, deadline_in(timeout)));
        }
        auto line = co_await stream_.read_line(command_line_bytes_max, deadline_in(timeout),
                                               WhenDraining::ends);
        co_await try_(answer(std::move(line)));
    }
    co_return {};
}

// One command line, or what could not become one, to its reply.
task<Result<void>> Session::answer(Result<net::Line> line) {
    Reply reply;
    if (line) {
        reply = co_await try_(perform(line->text));
    } else if (line.error().code == ErrorCode::line_too_long) {
        reply = refusal("Line too long");
    } else {
        co_return Failure(line.error());
    }
    ++commands_;
    if (reply.indicator == Indicator::error) ++errors_;
    if (is_over_a_limit()) reply.afterwards = Afterwards::close;
    send(reply);
    co_return {};
}

// Parse, look up, check the state, run.
task<Result<Reply>> Session::perform(std::string_view text) {
    const auto line = parse_command_line(text);
    if (!line) co_return refusal("Syntax error");
    const Command* command = find_command(line->keyword);
    if (command == nullptr) co_return refusal("Unknown command");
    if ((command->states & std::uint8_t(state_)) == 0) {
        co_return refusal(state_ == State::authorization ? "Log in first" : "Logged in already");
    }
    if (command->arguments == Arguments::none && !line->arguments.empty()) {
        co_return refusal("No arguments allowed");
    }
    if (command->arguments == Arguments::needed && line->arguments.empty()) {
        co_return refusal("Argument missing");
    }
    if (command->handle != nullptr) co_return (this->*command->handle)(line->arguments);
    co_return co_await (this->*command->handle_later)(line->arguments);
}

void Session::send(const Reply& reply) {
    stream_.write(format_reply(reply, language_));
    if (reply.afterwards == Afterwards::close) state_ = State::closing;
}

bool Session::is_over_a_limit() const {
    const Limits& limits = server_.limits();
    return state_ == State::authorization &&
           (errors_ > limits.errors_max || login_failures_ >= limits.login_failures_max ||
            commands_ > limits.commands_before_login_max);
}

// ---- after the login ---------------------------------------------------------------------------

// Everything about an account happens on its home shard.
task<Result<void>> Session::enter_transaction() {
    const unsigned home = server_.store().home_shard_of(login_->account_directory);
    const bool is_here = home == engine::Shard::current().id() || server_.peers().empty();
    if (!is_here) co_return co_await move_to(home);
    const Reply reply = co_await try_(open_drop());
    if (reply.indicator == Indicator::error) ++errors_;
    send(reply);
    co_return {};
}

task<Result<void>> Session::move_to(unsigned shard) {
    co_await try_(stream_.flush(deadline_in(server_.limits().reply_timeout)));
    Handover handover;
    handover.stream = co_await try_(stream_.detach());
    handover.login = std::move(*login_);
    handover.language = language_;
    handover.utf8 = utf8_;
    login_.reset();
    moved_ = true;
    state_ = State::closing;
    Server* target = server_.peers()[shard];
    engine::post_to(shard, [target, handover = std::move(handover)]() mutable {
        target->adopt(std::move(handover));
    });
    co_return {};
}

// RFC 1939 §4: the lock is had, or the session stays in authorization.
task<Result<Reply>> Session::open_drop() {
    const Login login = std::move(*login_);
    login_.reset();
    if (!server_.admit_login(login.account_directory)) {
        co_return refusal("Too early for the next login", ResponseCode::login_delay);
    }
    auto account = co_await server_.store().open_account(login.account_directory);
    if (!account) co_return reply_to_failure(account.error());
    auto drop = co_await (*account)->open_drop(login.retention);
    if (!drop) co_return reply_to_failure(drop.error());
    drop_ = std::move(*drop);
    server_.authenticator().note_login(open_login_, login.account, &stream_.wake_event());
    marked_.assign(drop_->items().size(), false);
    co_await measure_surrogates();
    retention_ = login.retention;
    user_name_ = login.user_name;
    state_ = State::transaction;
    log::info("pop3.logged_in", {{"user", login.user_name},
                                 {"peer", stream_.peer_address()},
                                 {"tls", stream_.is_secure()},
                                 {"messages", std::uint64_t(marked_.size())}});
    co_return ok("# messages", marked_.size());
}

}  // namespace postern::pop3
