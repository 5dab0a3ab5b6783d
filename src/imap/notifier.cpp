// What was asked for, what happened, and telling it; see notifier.hpp.
#include "imap/notifier.hpp"

#include <algorithm>

#include "imap/fetch_writer.hpp"
#include "imap/limits.hpp"
#include "imap/listing.hpp"
#include "imap/session.hpp"
#include "imap/status_items.hpp"
#include "store/mailbox_name.hpp"
#include "store/uid_list.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;
using store::AccountEvent;

namespace {

std::uint8_t bit_of(const store::AccountChange& change) {
    switch (change.event) {
        case AccountEvent::messages_new: return notify_event::message_new;
        case AccountEvent::messages_gone: return notify_event::message_expunge;
        case AccountEvent::flags_changed: return notify_event::flag_change;
        case AccountEvent::mailbox_created:
        case AccountEvent::mailbox_removed:
        case AccountEvent::mailbox_renamed: return notify_event::mailbox_name;
        case AccountEvent::subscription_changed: return notify_event::subscription_change;
        case AccountEvent::annotations_changed: break;
    }
    return change.mailbox.empty() ? notify_event::server_metadata : notify_event::mailbox_metadata;
}

StatusItems items_named(std::string_view list) {
    Decoder in(list);
    return parse_status_items(in);
}

// RFC 5465 §5.1 to §5.3: what a STATUS response about another mailbox holds.
StatusItems items_for(const Session& session, std::uint8_t events) {
    std::string list = "(MESSAGES UIDNEXT";
    bool is_flags = (events & notify_event::flag_change) != 0;
    if (is_flags) list += " UIDVALIDITY UNSEEN";
    if (session.is_enabled(Feature::condstore)) list += " HIGHESTMODSEQ";
    return items_named(list + ')');
}

bool is_selected(Session& session, std::string_view mailbox) {
    return session.view() != nullptr && session.selected_name() == mailbox;
}

}  // namespace

Notifier::Notifier(store::Account& account) : account_(account) {
    account_.feed().add(this);
}

Notifier::~Notifier() {
    account_.feed().remove(this);
}

void Notifier::ask(NotifyRequest request, const store::View* view) {
    request_ = std::move(request);
    was_asked_ = true;
    has_overflown_ = false;
    mail_.clear();
    events_.clear();
    if (view != nullptr) note_selected(*view);
}

bool Notifier::tells_all_the_time() const {
    return was_asked_ &&
           (has_overflown_ || request_.selected_events != 0 || !request_.groups.empty());
}

// RFC 5465 §6.1.2
store::Expunges Notifier::expunges_between_commands() const {
    return request_.selected == SelectedNotice::delayed ? store::Expunges::hold
                                                        : store::Expunges::report;
}

std::uint8_t Notifier::selected_events() const {
    return was_asked_ ? request_.selected_events : notify_event::messages;
}

void Notifier::note_selected(const store::View& view) {
    own_.clear();
    last_uid_ = view.uids().empty() ? 0 : view.uids().back();
}

// ---- what happens -------------------------------------------------------------------------------

// Subscriptions and the selected mailbox are looked at when it is told.
bool Notifier::may_be_wanted(std::uint8_t bit, const store::AccountChange& change) const {
    bool is_enabled = (enabled_ & bit) != 0 && (!was_asked_ || !request_.groups.empty());
    if (is_enabled) return true;
    store::MailboxInfo info;
    info.name = change.mailbox;
    return std::any_of(
        request_.groups.begin(), request_.groups.end(), [&](const NotifyGroup& group) {
            if ((group.events & bit) == 0) return false;
            if (bit == notify_event::server_metadata) return true;
            if (bit == notify_event::mailbox_name) return true;  // of its superior, too
            return group.filter.kind == FilterKind::subscribed || passes(info, group.filter);
        });
}

bool Notifier::wants(std::uint8_t bit, std::string_view mailbox, const Names& subscribed) const {
    if ((enabled_ & bit) != 0) return true;
    store::MailboxInfo info;
    info.name = mailbox;
    info.subscribed = std::binary_search(subscribed.begin(), subscribed.end(), mailbox);
    return std::any_of(
        request_.groups.begin(), request_.groups.end(), [&](const NotifyGroup& group) {
            if ((group.events & bit) == 0) return false;
            return bit == notify_event::server_metadata || passes(info, group.filter);
        });
}

void Notifier::account_changed(const store::AccountChange& change) {
    std::uint8_t bit = bit_of(change);
    if (!may_be_wanted(bit, change)) return;
    if ((bit & notify_event::messages) != 0) {
        mail_[std::string(change.mailbox)] |= bit;
    } else {
        note_event(change);
    }
    if (mail_.size() + events_.size() > notify_events_max) overflow();
    if (waker_ != nullptr) waker_->set();
}

// Annotations of one mailbox are told together, each once.
void Notifier::note_event(const store::AccountChange& change) {
    if (change.event == AccountEvent::annotations_changed) {
        for (Event& event : events_) {
            if (event.event != change.event || event.mailbox != change.mailbox) continue;
            for (const std::string& entry : change.entries) {
                bool is_known = std::find(event.entries.begin(), event.entries.end(), entry) !=
                                event.entries.end();
                if (!is_known) event.entries.push_back(entry);
            }
            return;
        }
    }
    Event event{change.event, std::string(change.mailbox), std::string(change.old_name), {}};
    event.entries.assign(change.entries.begin(), change.entries.end());
    events_.push_back(std::move(event));
}

// RFC 5465 §5.8: "behave as if a NOTIFY NONE command had just been received". A client that does
// not know NOTIFY is told of annotations from here on.
void Notifier::overflow() {
    if (!was_asked_) {
        events_.clear();
        return;
    }
    request_ = NotifyRequest();
    has_overflown_ = true;
    mail_.clear();
    events_.clear();
}

// ---- telling ------------------------------------------------------------------------------------

task<Result<void>> Notifier::tell(Session& session) {
    if (has_overflown_) {
        has_overflown_ = false;
        session.out().untagged(Status::ok, {std::string(code::notification_overflow)},
                               "Too much has happened; nothing more will be told");
    }
    co_await try_(tell_new_messages(session));
    if (mail_.empty() && events_.empty()) co_return {};
    Names subscribed = co_await try_(account_.subscriptions());
    co_await try_(tell_events(session, &subscribed));
    co_return co_await tell_mail(session, &subscribed);
}

namespace {

// A response to be sent about a mailbox, once however often it was changed.
struct Notice {
    std::string mailbox;
    std::string old_name;
};

void add_notice(std::vector<Notice>& notices, std::string mailbox, std::string old_name = {}) {
    auto is_same = [&](const Notice& notice) {
        return notice.mailbox == mailbox && notice.old_name == old_name;
    };
    if (mailbox.empty() || std::any_of(notices.begin(), notices.end(), is_same)) return;
    notices.push_back({std::move(mailbox), std::move(old_name)});
}

}  // namespace

// RFC 5465 §5.4: a mailbox that is made or goes, and its direct superior; one that is renamed, with
// its old name. §5.5, §5.6, §5.7.
task<Result<void>> Notifier::tell_events(Session& session, const Names* subscribed) {
    std::vector<Event> events = std::exchange(events_, {});
    std::vector<Notice> notices;
    for (Event& event : events) {
        bool is_renamed = event.event == AccountEvent::mailbox_renamed;
        if (event.event == AccountEvent::annotations_changed) {
            std::uint8_t bit = event.mailbox.empty() ? notify_event::server_metadata
                                                     : notify_event::mailbox_metadata;
            if (!wants(bit, event.mailbox, *subscribed)) continue;
            session.out().metadata_names(event.mailbox, join(event.entries));
        } else if (event.event == AccountEvent::subscription_changed) {
            // Of a mailbox that is not subscribed any more, too.
            if (wants(notify_event::subscription_change, event.mailbox, {event.mailbox})) {
                add_notice(notices, std::move(event.mailbox));
            }
        } else {
            std::string above(is_renamed ? "" : store::parent_name(event.mailbox));
            bool is_wanted =
                wants(notify_event::mailbox_name, event.mailbox, *subscribed) ||
                (is_renamed && wants(notify_event::mailbox_name, event.old_name, *subscribed));
            if (is_wanted) add_notice(notices, std::move(event.mailbox), std::move(event.old_name));
            if (wants(notify_event::mailbox_name, above, *subscribed)) {
                add_notice(notices, std::move(above));
            }
        }
    }
    for (Notice& notice : notices) {
        co_await try_(
            write_listing(session, std::move(notice.mailbox), std::move(notice.old_name)));
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

// A mailbox that has gone since has nothing to say.
task<Result<void>> Notifier::tell_mail(Session& session, const Names* subscribed) {
    auto mail = std::exchange(mail_, {});
    for (auto& [mailbox, events] : mail) {
        std::uint8_t wanted = 0;
        for (std::uint8_t bit : {notify_event::message_new, notify_event::message_expunge,
                                 notify_event::flag_change}) {
            if ((events & bit) != 0 && wants(bit, mailbox, *subscribed)) wanted |= bit;
        }
        if (wanted == 0 || is_selected(session, mailbox)) continue;
        auto status = co_await account_.status(mailbox);
        if (!status && status.error().kind == ErrorKind::gone) co_return Failure(status.error());
        if (!status) continue;
        session.out().status(mailbox, format_status(items_for(session, wanted), *status));
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

// RFC 5465 §5.2: "an unsolicited EXISTS response, followed by an unsolicited FETCH response". No
// item marks a message as read.
task<Result<void>> Notifier::tell_new_messages(Session& session) {
    if (session.view() == nullptr) co_return {};
    const store::View& view = *session.view();
    std::vector<std::uint32_t> fresh(
        view.uids().begin() + std::ptrdiff_t(view.lower_bound(last_uid_ + 1)), view.uids().end());
    if (fresh.empty()) co_return {};
    last_uid_ = fresh.back();
    std::vector<std::uint32_t> own = std::exchange(own_, {});
    store::sort_and_unite(own);
    if (request_.new_fetch.empty()) co_return {};
    FetchWriter writer(session, request_.new_fetch);
    for (std::uint32_t uid : fresh) {
        if (std::binary_search(own.begin(), own.end(), uid)) continue;
        co_await try_(writer.write(uid));
    }
    co_return {};
}

// RFC 5465 §3.1: "If MessageNew is enabled, … MESSAGES, UIDNEXT, and UIDVALIDITY", with FlagChange
// UIDVALIDITY and HIGHESTMODSEQ.
task<Result<void>> Notifier::write_statuses(Session& session) {
    Names subscribed = co_await try_(account_.subscriptions());
    for (const store::MailboxInfo& info : co_await try_(account_.list())) {
        bool is_other = info.selectable && !is_selected(session, info.name);
        if (!is_other || !wants(notify_event::message_new, info.name, subscribed)) continue;
        std::string list = "(MESSAGES UIDNEXT UIDVALIDITY";
        if (wants(notify_event::flag_change, info.name, subscribed))
            list += " UNSEEN HIGHESTMODSEQ";
        auto status = co_await account_.status(info.name);
        if (!status && status.error().kind == ErrorKind::gone) co_return Failure(status.error());
        if (!status) continue;
        session.out().status(info.name, format_status(items_named(list + ')'), *status));
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

// ---- a session's own doing ----------------------------------------------------------------------

void Notifier::forget(AccountEvent event, std::string_view mailbox, std::size_t mark) {
    auto is_own = [&](const Event& each) {
        if (each.event != event) return false;
        bool is_superior =
            event == AccountEvent::mailbox_created && store::is_below(mailbox, each.mailbox);
        return each.mailbox == mailbox || is_superior;
    };
    auto first = events_.begin() + std::ptrdiff_t(std::min(mark, events_.size()));
    events_.erase(std::remove_if(first, events_.end(), is_own), events_.end());
}

void Notifier::forget_new_mail_in(const std::string& mailbox) {
    auto at = mail_.find(mailbox);
    if (at != mail_.end() && at->second == notify_event::message_new) mail_.erase(at);
}

void Notifier::note_own(const std::vector<std::uint32_t>& uids) {
    if (!request_.new_fetch.empty()) own_.insert(own_.end(), uids.begin(), uids.end());
}

// Of other users' mailboxes only the selected one is told of.
OwnMail::OwnMail(Session& session, const OpenPlace& target)
    : session_(session),
      target_(target.mailbox),
      name_(shown_name(target.place.owner, target.mailbox->name())),
      is_own_(target.place.owner.empty()) {
    if (session.notifier() == nullptr) return;
    was_clean_ = !session.notifier()->has_mail_in(name_);
    before_ = target_->status();
}

void OwnMail::added(const std::vector<std::uint32_t>& uids) {
    Notifier* notifier = session_.notifier();
    if (notifier == nullptr || uids.empty()) return;
    if (is_selected(session_, name_)) return notifier->note_own(uids);
    if (!is_own_) return;
    // Nobody else has put anything there meanwhile.
    store::MailboxStatus after = target_->status();
    bool is_alone = after.messages == before_.messages + uids.size() &&
                    after.uid_next == before_.uid_next + uids.size();
    if (was_clean_ && is_alone) notifier->forget_new_mail_in(name_);
}

OwnChange::OwnChange(Session& session) : session_(session) {
    if (session.notifier() != nullptr) mark_ = session.notifier()->mark();
}

void OwnChange::made(AccountEvent event, std::string_view mailbox) {
    if (session_.notifier() != nullptr) session_.notifier()->forget(event, mailbox, mark_);
}

}  // namespace postern::imap
