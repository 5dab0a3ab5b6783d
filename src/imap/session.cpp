// The session's loop and what surrounds a command; see session.hpp. Commands are in cmd_*.cpp.
#include "imap/session.hpp"

#include <algorithm>

#include "auth/authenticator.hpp"
#include "auth/directory.hpp"
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "imap/capability.hpp"
#include "imap/deflate_layer.hpp"
#include "imap/notifier.hpp"
#include "imap/search_contexts.hpp"
#include "imap/sequence_set.hpp"
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
            tells ? tell_and_await(&command) : await_command(stream_, command_deadline(), command);
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
    co_return co_await await_command(stream_, command_deadline(), *command);
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
    facts.mechanisms = auth::Authenticator::mechanisms(stream_.secure());
    return format_capabilities(facts);
}

// RFC 8437 §4: everything the user and ENABLE brought goes; TLS and the peer stay.
void Session::unauthenticate() {
    deselect();
    notifier_.reset();
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

// ---- the selected mailbox -----------------------------------------------------------------------

void Session::select(std::unique_ptr<store::View> view) {
    contexts_.reset();
    view_ = std::move(view);
    if (notifier_) notifier_->note_selected(*view_);
    may_create_keywords_ =
        view_->access() == store::Access::read_write && view_->mailbox().may_create_keywords();
    state_ = State::selected;
}

void Session::deselect() {
    contexts_.reset();
    view_.reset();
    if (state_ == State::selected) state_ = State::authenticated;
}

SearchContexts& Session::open_contexts() {
    if (!contexts_) contexts_ = std::make_unique<SearchContexts>(*view_);
    return *contexts_;
}

Notifier& Session::open_notifier() {
    if (!notifier_) {
        notifier_ = std::make_unique<Notifier>(*account_);
        if (view_) notifier_->note_selected(*view_);
    }
    return *notifier_;
}

void Session::note_flags(const std::vector<std::uint32_t>& uids) {
    if (contexts_) contexts_->note(uids);
}

// What cannot be read now is left out: it is no part of any answer.
task<Result<void>> Session::tell_contexts() {
    if (!contexts_ || state_ == State::logout) co_return {};
    auto told = co_await contexts_->tell(*this);
    if (!told && told.error().kind == ErrorKind::gone) co_return told;
    if (!told) log::warning("imap.context_failed", {{"error", told.error()}});
    co_return {};
}

task<Result<void>> Session::tell_more() {
    co_await try_(tell_contexts());
    if (notifier_ && state_ != State::logout) co_await try_(notifier_->tell(*this));
    co_return {};
}

// RFC 3501 §5.2, §7.3, §7.4: EXPUNGE, EXISTS and RECENT, then FETCH of changed flags.
void Session::write_updates(store::Expunges expunges, Told told) {
    if (!view_) return;
    if (view_->mailbox_is_gone()) {
        out().untagged(Status::bye, {}, "The selected mailbox was deleted");
        log_out();
        return;
    }
    // RFC 5465 §3.1: "SELECTED NONE"
    std::uint8_t events = notify_event::messages;
    if (notifier_ && told == Told::wanted) events = notifier_->selected_events();
    if (events == 0) return;
    store::Changes changes = view_->take_changes(expunges);
    if (contexts_) note_changes(changes);
    write_expunges(changes);
    write_permanent_flags();
    if (changes.exists) out().exists(*changes.exists);
    if (changes.recent && !is_enabled(Feature::imap4rev2)) out().recent(*changes.recent);
    if ((events & notify_event::flag_change) == 0) changes.flags_changed.clear();
    // RFC 5465 §5.1: "MUST include UID and FLAGS"
    bool by_uid = notifier_ && notifier_->was_asked();
    FlagUpdate update = by_uid ? FlagUpdate::flags_and_uid : FlagUpdate::flags;
    for (std::uint32_t sequence : changes.flags_changed) {
        write_flags(view_->uid_at(sequence), update);
    }
    // RFC 7162 §3.2: else a client that has seen a greater one would think it knows the expunges.
    if (is_enabled(Feature::condstore) && view_->modseq_before_held_expunges()) {
        out().untagged(Status::ok, code::highest_modseq(told_modseq()), "Expunges are held back");
    }
}

// RFC 5267 §4.3.4: REMOVEFROM comes before the EXPUNGEs, with the numbers as they were.
void Session::note_changes(const store::Changes& changes) {
    std::vector<std::uint32_t> numbers = changes.expunged;
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += std::uint32_t(i);
    contexts_->write_removed(*this, changes.expunged_uids, numbers);
    std::vector<std::uint32_t> uids;
    for (std::uint32_t sequence : changes.flags_changed) uids.push_back(view_->uid_at(sequence));
    contexts_->note(uids);
}

void Session::write_expunges(const store::Changes& changes) {
    if (!is_enabled(Feature::qresync) && !is_enabled(Feature::uidonly)) {
        for (std::uint32_t sequence : changes.expunged) out().expunge(sequence);
    } else if (!changes.expunged_uids.empty()) {
        out().line("VANISHED " + format_uid_set(changes.expunged_uids));
    }
}

// RFC 9051 §7.1 (PERMANENTFLAGS): "MUST send a new … without the special flag \*" when the last
// keyword has been given out.
void Session::write_permanent_flags() {
    if (!may_create_keywords_ || view_->mailbox().may_create_keywords()) return;
    may_create_keywords_ = false;
    out().flags(view_->mailbox().all_flag_names());
    out().untagged(Status::ok, code::permanent_flags(permanent_flags(*view_)),
                   "Flags that are kept");
}

void Session::write_flags(std::uint32_t uid, FlagUpdate update) {
    const store::Mailbox& mailbox = view_->mailbox();
    auto sequence = view_->sequence_of(uid);
    auto metadata = mailbox.find(uid);
    if (!sequence || !metadata) return;
    bool is_aware = is_enabled(Feature::condstore);
    bool by_uid = is_aware || update == FlagUpdate::flags_and_uid ||
                  update == FlagUpdate::silent_and_uid || is_enabled(Feature::imap4rev2);
    std::vector<std::string> items;
    if (by_uid && !is_enabled(Feature::uidonly)) items.push_back("UID " + std::to_string(uid));
    if (update == FlagUpdate::flags || update == FlagUpdate::flags_and_uid) {
        items.push_back("FLAGS " + format_flags(mailbox, metadata->flags, shows_recent(uid)));
    }
    if (is_aware) items.push_back("MODSEQ (" + std::to_string(metadata->modseq) + ")");
    stream_.write(fetch_head(*sequence, uid) + join(items) + ")\r\n");
}

std::string Session::fetch_head(std::uint32_t sequence, std::uint32_t uid) const {
    if (is_enabled(Feature::uidonly)) return "* " + std::to_string(uid) + " UIDFETCH (";
    return "* " + std::to_string(sequence) + " FETCH (";
}

bool Session::shows_recent(std::uint32_t uid) const {
    return !is_enabled(Feature::imap4rev2) && view_->is_recent(uid);
}

std::uint64_t Session::told_modseq() const {
    auto before = view_->modseq_before_held_expunges();
    return before.value_or(view_->mailbox().highest_modseq());
}

// ---- ends ---------------------------------------------------------------------------------------

void Session::say_bye(const Error& error) {
    if (error.code == ErrorCode::timed_out) {
        out().untagged(Status::bye, {}, "Autologout; idle for too long");
    } else if (error.code == ErrorCode::cancelled) {
        out().untagged(Status::bye, {std::string(code::unavailable)}, "Server is shutting down");
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
    return limits;
}

}  // namespace postern::imap
