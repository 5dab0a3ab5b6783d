// The session's loop and what surrounds a command; see session.hpp. Commands are in cmd_*.cpp.
#include "imap/session.hpp"

#include <algorithm>

#include "auth/authenticator.hpp"
#include "auth/directory.hpp"
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "imap/access.hpp"
#include "imap/capability.hpp"
#include "imap/deflate_layer.hpp"
#include "imap/notifier.hpp"
#include "imap/search_contexts.hpp"
#include "imap/waiting.hpp"
#include "store/store.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

Session::Session(Server& server, net::Stream stream)
    : server_(server),
      stream_(std::move(stream)),
      login_deadline_(net::deadline_in(server.options().login_timeout)) {
    stream_.set_output_timeout(server.options().output_timeout);
    ++server_.counters().sessions;
}

Session::Session(Server& server, Handover handover)
    : Session(server, net::Stream(std::move(handover.stream))) {
    user_ = std::move(handover.user);
    language_ = handover.language;
    moved_tag_ = std::move(handover.tag);
    moved_command_ = handover.command;
}

Session::~Session() {
    --server_.counters().sessions;
}

// ---- life ---------------------------------------------------------------------------------------

task<void> Session::run(Security security) {
    Result<void> end = co_await greet(security);
    if (end) end = co_await converse();
    co_await hang_up(end);
}

task<void> Session::run_moved() {
    Result<void> end = co_await welcome(std::move(moved_tag_), moved_command_);
    if (end) end = co_await converse();
    co_await hang_up(end);
}

// RFC 3501 §7.1: the greeting, after the handshake where TLS comes first (RFC 8314 §3).
task<Result<void>> Session::greet(Security security) {
    if (security == Security::implicit_tls) {
        auto secure = server_.make_secure();
        MonotonicTime deadline = net::deadline_in(handshake_timeout);
        co_await try_(stream_.start_tls(std::move(secure), "", deadline));
    }
    out().untagged(Status::ok, code::capability(capabilities()),
                   server_.options().host_name + " Postern ready");
    co_return {};
}

// Wait for a command, for which the stream sends what is buffered; do it. An idle session waits in
// this frame and in that of one of the two it may wait for.
task<Result<void>> Session::converse() {
    while (state_ != State::logout && !handed_over_) {
        Command command;
        command.names = name_form();
        bool tells = notifier_ && notifier_->tells_all_the_time();
        task<Result<void>> ready =
            tells ? tell_and_await(&command)
                  : await_command(stream_, open_login_, command_deadline(), command);
        co_await try_(std::move(ready));
        if (state_ == State::logout) break;
        co_await try_(serve_command(command));
    }
    co_return {};
}

// RFC 5465 §3.1
task<Result<void>> Session::tell_and_await(Command* command) {
    co_await try_(tell_until_input(*this, notifier_->expunges_between_commands()));
    if (state_ == State::logout) co_return {};
    co_return co_await await_command(stream_, open_login_, command_deadline(), *command);
}

// Read it; check the state; run it; reply. A session in IDLE waits in this frame and in the
// handler's: they hold no more than they must.
task<Result<void>> Session::serve_command(Command& command) {
    task<Result<Reply>> work;
    {
        Result<void> ready = co_await read_and_check(command);
        if (!ready) {
            work = refuse(ready.error());
        } else if ((command.row->flags & by_number) != 0 && is_enabled(Feature::uidonly)) {
            work = refuse_numbers();
        } else {
            work = command.row->handler(*this, command);
        }
    }
    Result<Reply> outcome = co_await std::move(work);
    ++server_.counters().commands;
    co_await try_(finish(command, outcome));
    if (handed_over_) co_return {};
    co_return co_await stream_.flush_if_full(output_deadline());
}

task<Result<void>> Session::read_and_check(Command& command) {
    ReadLimits limits = read_limits();
    co_await try_(read_command(stream_, &limits, command));
    if ((command.row->states & std::uint8_t(state_)) == 0) {
        co_return fail_request(ErrorCode::wrong_state, "command in the wrong state");
    }
    // RFC 4314 §5.1.1: who has lost the right to read does nothing more with the mailbox.
    if (view_ && command.row->states == std::uint8_t(State::selected)) {
        co_return check_selected(*this, store::right::read);
    }
    co_return {};
}

task<Result<Reply>> Session::refuse(Error error) {
    co_return Failure(error);
}

// RFC 9586 §3.1
task<Result<Reply>> Session::refuse_numbers() {
    co_return uid_required();
}

task<Result<void>> Session::finish(Command& command, Result<Reply>& outcome) {
    if (!outcome && outcome.error().kind == ErrorKind::gone) co_return Failure(outcome.error());
    if (!outcome && outcome.error().kind == ErrorKind::internal) {
        log::warning("imap.command_failed",
                     {{"command", command.row != nullptr ? command.row->name : "?"},
                      {"user", user_ ? user_->address : ""},
                      {"error", outcome.error()}});
    }
    Reply reply = outcome ? std::move(*outcome) : reply_for(outcome.error());
    if (command.pending_literal) {
        ReadLimits limits = read_limits();
        bool in_step = co_await try_(discard_rest(stream_, &limits, command));
        if (!in_step) {
            out().untagged(Status::bye, {std::string(code::too_big)}, "Literal too big");
            log_out();
        }
    }
    if (user_ && !account_) co_return co_await go_home(command);
    report_changes(command);
    if (contexts_ || notifier_) co_await try_(tell_more());
    answer(command, std::move(reply));
    co_return {};
}

void Session::report_changes(const Command& command) {
    if (!view_ || state_ == State::logout) return;
    unsigned flags = command.row != nullptr ? command.row->flags : 0;
    write_updates((flags & holds_expunges) != 0 ? store::Expunges::hold : store::Expunges::report,
                  (flags & expunges) != 0 ? Told::all : Told::wanted);
}

void Session::answer(const Command& command, Reply reply) {
    bool is_known = command.row != nullptr;
    tell_message_limit(reply);
    if (reply.text.empty() && is_known) reply.text = std::string(command.row->name) + " completed";
    if (!reply.already_sent) {
        out().tagged(command.tag.empty() ? "*" : command.tag, reply);
    }
    count_bad(reply);
}

// A client that sends one bad command after another is no mail client.
void Session::count_bad(const Reply& reply) {
    bad_commands_ = reply.status == Status::bad ? bad_commands_ + 1 : 0;
    if (bad_commands_ < bad_commands_max || state_ == State::logout) return;
    out().untagged(Status::bye, {}, "Too many bad commands");
    log_out();
}

// ---- login --------------------------------------------------------------------------------------

void Session::log_in(std::shared_ptr<const auth::Account> user) {
    user_ = std::move(user);
    ++server_.counters().logins;
}

bool Session::login_failed() {
    ++server_.counters().failed_logins;
    return ++failed_logins_ >= failed_logins_max;
}

// To the account's home shard: the connection is detached here and goes on there.
task<Result<void>> Session::go_home(Command& command) {
    unsigned home = server_.store().home_shard_of(auth::mail_directory(*user_));
    Server* there = server_.peer(home);
    if (there == nullptr || there == &server_) {
        co_return co_await welcome(command.tag, command.row->name);
    }
    co_await try_(stream_.flush(output_deadline()));
    Handover handover;
    handover.stream = co_await try_(stream_.detach());
    handed_over_ = true;
    handover.user = std::move(user_);
    handover.language = language_;
    handover.tag = command.tag;
    handover.command = command.row->name;
    engine::post_to(
        home, [there, moved = std::move(handover)]() mutable { there->adopt(std::move(moved)); });
    co_return {};
}

// RFC 3501 §6.2.2, §6.2.3: the tagged OK of the login carries the capabilities.
task<Result<void>> Session::welcome(std::string tag, std::string_view command_name) {
    std::string directory(auth::mail_directory(*user_));
    auto account = co_await server_.store().open_account(directory);
    if (!account) {
        log::warning("imap.account_unusable",
                     {{"user", user_->address}, {"error", account.error()}});
        user_.reset();
        out().tagged(tag, no(code::unavailable, "Mailboxes are not available, try again later"));
        co_return {};
    }
    account_ = std::move(*account);
    server_.authenticator().note_login(open_login_, user_->id, &stream_.wake_event());
    state_ = State::authenticated;
    bad_commands_ = 0;
    log::info(
        "imap.login",
        {{"user", user_->address}, {"peer", stream_.peer_address()}, {"tls", stream_.is_secure()}});
    out().tagged(tag,
                 ok(code::capability(capabilities()), std::string(command_name) + " completed"));
    co_return {};
}

bool Session::may_start_tls() const {
    return server_.has_tls() && !stream_.is_secure();
}

bool Session::may_send_password() const {
    return stream_.is_secure() ||
           server_.options().plaintext_login == auth::PlaintextLogin::allowed;
}

std::string Session::capabilities() const {
    CapabilityFacts facts;
    facts.logged_in = state_ != State::not_authenticated;
    facts.may_start_tls = may_start_tls();
    facts.may_send_password = may_send_password();
    facts.may_set_quotas = server_.can_set_quotas();
    facts.command_messages_max = command_messages_max();
    facts.only_small_literals = server_.options().unasked_literals == UnaskedLiterals::small;
    facts.mechanisms = auth::Authenticator::mechanisms(stream_.secure());
    return format_capabilities(facts);
}

// RFC 8437 §4: everything the user and ENABLE brought goes; TLS and the peer stay.
void Session::unauthenticate() {
    deselect();
    notifier_.reset();
    open_login_.leave();
    user_.reset();
    account_.reset();
    state_ = State::not_authenticated;
    features_ = 0;
    language_ = Language::english;
    failed_logins_ = 0;
    login_deadline_ = net::deadline_in(server_.options().login_timeout);
}

NameForm Session::name_form() const {
    bool is_utf8 = is_enabled(Feature::imap4rev2) || is_enabled(Feature::utf8_accept);
    return is_utf8 ? NameForm::utf8 : NameForm::utf7;
}

void Session::compress() {
    stream_.change_layer([](std::unique_ptr<net::SecureLayer> layer, std::string unread) {
        return std::make_unique<DeflateLayer>(std::move(layer), std::move(unread));
    });
    compressed_ = true;
}

void Session::end_compression() {
    stream_.change_layer([](std::unique_ptr<net::SecureLayer> layer, std::string) {
        return static_cast<DeflateLayer*>(layer.get())->release();
    });
    compressed_ = false;
}

// RFC 7162 §3.2.3: QRESYNC brings CONDSTORE with it.
void Session::enable(Feature feature) {
    features_ |= std::uint16_t(feature);
    if (feature == Feature::qresync) features_ |= std::uint16_t(Feature::condstore);
    // RFC 5464 §4.1
    if (feature == Feature::metadata) {
        open_notifier().ask_metadata(notify_event::mailbox_metadata |
                                     notify_event::server_metadata);
    }
    if (feature == Feature::metadata_server) {
        open_notifier().ask_metadata(notify_event::server_metadata);
    }
}

void Session::become_condstore_aware() {
    if (is_enabled(Feature::condstore)) return;
    enable(Feature::condstore);
    if (!view_) return;
    out().untagged(Status::ok, code::highest_modseq(told_modseq()), "Highest mod-sequence");
}

// ---- ends ---------------------------------------------------------------------------------------

void Session::say_bye(const Error& error) {
    if (error.code == ErrorCode::timed_out) {
        out().untagged(Status::bye, {}, "Autologout; idle for too long");
    } else if (error.code == ErrorCode::cancelled) {
        out().untagged(Status::bye, {std::string(code::unavailable)}, "Server is shutting down");
    } else if (error.code == ErrorCode::authentication) {
        out().untagged(Status::bye, {std::string(code::contact_admin)},
                       "This account has been disabled");
    } else if (error.kind == ErrorKind::internal) {
        out().untagged(Status::bye, {}, "Internal error");
    }
}

task<void> Session::hang_up(Result<void> end) {
    if (handed_over_) co_return;
    deselect();
    if (!end) say_bye(end.error());
    co_await stream_.close(net::deadline_in(goodbye_timeout));
}

// ---- deadlines and limits -----------------------------------------------------------------------

MonotonicTime Session::output_deadline() const {
    return net::deadline_in(server_.options().output_timeout);
}

MonotonicTime Session::transfer_deadline() const {
    MonotonicTime deadline = net::deadline_in(server_.options().transfer_timeout);
    return state_ == State::not_authenticated ? std::min(deadline, login_deadline_) : deadline;
}

MonotonicTime Session::command_deadline() const {
    if (state_ == State::not_authenticated) return login_deadline_;
    return net::deadline_in(server_.options().autologout_timeout);
}

ReadLimits Session::read_limits() const {
    ReadLimits limits;
    limits.command_deadline = command_deadline();
    limits.transfer_timeout = server_.options().transfer_timeout;
    if (state_ == State::not_authenticated) {
        limits.line_bytes = early_line_bytes_max;
        limits.literal_bytes = early_literal_bytes_max;
        limits.discard_bytes = early_discard_bytes_max;
        limits.latest = login_deadline_;
    } else {
        limits.line_bytes = line_bytes_max;
        limits.literal_bytes = literal_bytes_max;
        limits.discard_bytes = discard_bytes_max;
    }
    if (server_.options().unasked_literals == UnaskedLiterals::small) {
        limits.unasked_literal_bytes = small_literal_bytes_max;
    }
    return limits;
}

}  // namespace postern::imap
