// What was asked for, what happened, and telling it; see notifier.hpp.
#include "imap/notifier.hpp"

#include <algorithm>
#include <utility>

#include "auth/authenticator.hpp"
#include "auth/directory.hpp"
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
    followed_.clear();
    seen_.clear();
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

// ---- other users' mailboxes ---------------------------------------------------------------------

bool Notifier::asks_beyond_own() const {
    return std::any_of(
        request_.groups.begin(), request_.groups.end(), [](const NotifyGroup& group) {
            const FilterKind kind = group.filter.kind;
            return group.events != 0 && kind != FilterKind::inboxes && kind != FilterKind::personal;
        });
}

namespace {

constexpr store::Rights reading_rights = store::right::lookup | store::right::read;

// Whose it is; empty: the user's own, or nobody's.
std::string owner_in(std::string_view mailbox) {
    if (!mailbox.starts_with(shared_prefix)) return {};
    mailbox.remove_prefix(shared_prefix.size());
    return std::string(mailbox.substr(0, mailbox.find(store::hierarchy_separator)));
}

std::uint8_t events_wanted(const NotifyRequest& request, const store::MailboxInfo& info) {
    std::uint8_t events = 0;
    for (const NotifyGroup& group : request.groups) {
        if (passes(info, group.filter)) events |= group.events;
    }
    return events;
}

}  // namespace

// Of all that may be seen now and was asked for, and of those that were named: rights may be given
// later (RFC 5465 §5.9). §3.1: \NoAccess.
task<Result<std::set<std::string>>> Notifier::find_owners(Session& session,
                                                          const Names* subscribed) {
    std::set<std::string> owners, readable;
    for (auto& info : co_await try_(list_shared(session, reading_rights))) {
        readable.insert(std::move(info.name));
    }
    for (auto& info : co_await try_(list_shared(session, store::right::lookup))) {
        info.subscribed = std::binary_search(subscribed->begin(), subscribed->end(), info.name);
        const std::uint8_t events = events_wanted(request_, info);
        if (events == 0) continue;
        owners.insert(owner_in(info.name));
        const bool needs_more =
            (events & (notify_event::messages | notify_event::mailbox_metadata)) != 0;
        if (needs_more && !readable.contains(info.name)) {
            session.out().list("LIST", "\\NoAccess", info.name);
        }
        seen_.insert(std::move(info.name));
    }
    for (const NotifyGroup& group : request_.groups) {
        const bool is_of_subscribed = group.filter.kind == FilterKind::subscribed;
        for (const std::string& name : is_of_subscribed ? *subscribed : group.filter.names) {
            owners.insert(owner_in(name));
        }
    }
    owners.erase(std::string());
    co_return owners;
}

task<Result<bool>> Notifier::follow_shared(Session& session) {
    if (!asks_beyond_own()) co_return true;
    Names subscribed = co_await try_(account_.subscriptions());
    auto owners = co_await try_(find_owners(session, &subscribed));
    if (owners.size() > notify_owners_max) co_return false;
    auto people = session.server().authenticator().directory();
    for (const std::string& name : owners) {
        const auth::Account* owner = people->find_login(name);
        if (owner == nullptr || owner->id == session.user().id) continue;
        auto account = std::make_unique<Followed>(*this, owner->address);
        std::string directory(auth::mail_directory(*owner));
        account->link = co_await try_(
            store::FeedLink::open(&session.server().store(), std::move(directory), account.get()));
        followed_.push_back(std::move(account));
    }
    co_return true;
}

void Notifier::Followed::account_changed(const store::AccountChange& change) {
    const bool is_of_account =
        change.mailbox.empty() || change.event == AccountEvent::subscription_changed;
    if (is_of_account) return;
    const std::string mailbox = shown_name(owner_, change.mailbox);
    std::string old_name;
    if (!change.old_name.empty()) old_name = shown_name(owner_, change.old_name);
    notifier_.account_changed({change.event, mailbox, old_name, change.entries});
}

// RFC 4314 §6: nothing is said of what the user may not see. A mailbox that has gone, or has
// another name now, is one he knew.
task<Result<bool>> Notifier::is_for_user(Session& session, Event* event) {
    if (owner_in(event->mailbox).empty()) co_return true;
    const bool is_of_content = event->event == AccountEvent::annotations_changed;
    const store::Rights needed = is_of_content ? reading_rights : store::right::lookup;
    auto place = co_await find_mailbox(session, event->mailbox, needed);
    if (!place && place.error().kind == ErrorKind::gone) co_return Failure(place.error());
    if (is_of_content) co_return place.has_value();
    const bool was_seen = seen_.erase(event->mailbox) > 0;
    const bool was_seen_before = seen_.erase(event->old_name) > 0;
    if (!was_seen_before && place) event->old_name.clear();
    if (place) seen_.insert(event->mailbox);
    if (was_seen_before && !place) {
        event->mailbox = std::exchange(event->old_name, {});
        event->event = AccountEvent::mailbox_removed;
    }
    co_return place || was_seen || was_seen_before;
}

task<Result<store::MailboxStatus>> Notifier::status_of(Session& session, std::string mailbox) {
    if (owner_in(mailbox).empty()) co_return co_await account_.status(std::move(mailbox));
    Place place = co_await try_(find_mailbox(session, std::move(mailbox), reading_rights));
    co_return co_await place.account->status(place.name);
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
        if (!co_await try_(is_for_user(session, &event))) continue;
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
            const bool has_superior = !is_renamed && owner_in(event.mailbox).empty();
            std::string above(has_superior ? store::parent_name(event.mailbox) : "");
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
        auto status = co_await status_of(session, mailbox);
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
    auto mailboxes = co_await try_(account_.list());
    if (asks_beyond_own()) {
        auto shared = co_await try_(list_shared(session, reading_rights));
        mailboxes.insert(mailboxes.end(), shared.begin(), shared.end());
    }
    for (const store::MailboxInfo& info : mailboxes) {
        bool is_other = info.selectable && !is_selected(session, info.name);
        if (!is_other || !wants(notify_event::message_new, info.name, subscribed)) continue;
        std::string list = "(MESSAGES UIDNEXT UIDVALIDITY";
        if (wants(notify_event::flag_change, info.name, subscribed))
            list += " UNSEEN HIGHESTMODSEQ";
        auto status = co_await status_of(session, info.name);
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

// Of other users' mailboxes the news come later: this session's own doing among them.
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
