// The session and its selected mailbox: selecting it, what the user may do with it, and what others
// did to it; see session.hpp. RFC 3501 §5.2, §7.3, §7.4, RFC 4314 §5.1.1, RFC 5465, RFC 7162.
#include "imap/session.hpp"

#include "auth/authenticator.hpp"
#include "auth/directory.hpp"
#include "base/log.hpp"
#include "imap/access.hpp"
#include "imap/notifier.hpp"
#include "imap/search_contexts.hpp"
#include "imap/sequence_set.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

void Session::select(std::unique_ptr<store::View> view, std::string owner) {
    contexts_.reset();
    view_ = std::move(view);
    owner_ = std::move(owner);
    told_rights_ = rights();
    if (notifier_) notifier_->note_selected(*view_);
    may_create_keywords_ =
        view_->access() == store::Access::read_write && view_->mailbox().may_create_keywords();
    state_ = State::selected;
}

std::string Session::user_identifier() const {
    return server_.authenticator().directory()->login_key(user_->address);
}

std::string Session::selected_name() const {
    return shown_name(owner_, view_->mailbox().name());
}

store::Rights Session::rights() const {
    auto standing = owner_.empty() ? store::Standing::owner : store::Standing::other;
    return rights_by(*this, view_->mailbox().acl(), standing);
}

void Session::deselect() {
    contexts_.reset();
    view_.reset();
    owner_.clear();
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
    if (!still_may_read()) return;
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

// RFC 4314 §5.1.1: rights are looked at anew for each command; without "r" the session ends.
bool Session::still_may_read() {
    store::Rights now = rights();
    if (now == told_rights_) return true;
    told_rights_ = now;
    if ((now & store::right::read) == 0) {
        out().untagged(Status::bye, {}, "The selected mailbox may not be read any more");
        log_out();
        return false;
    }
    out().flags(view_->mailbox().all_flag_names());
    out().untagged(Status::ok, code::permanent_flags(permanent_flags(*this)),
                   "Flags that are kept");
    return true;
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
    out().untagged(Status::ok, code::permanent_flags(permanent_flags(*this)),
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

}  // namespace postern::imap
