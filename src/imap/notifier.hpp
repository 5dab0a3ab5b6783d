// Notifier: what a session has asked to be told of beside its selected mailbox (NOTIFY, or ENABLE
// METADATA), and what has happened since it was told last. It listens to the account's feed, where
// events come in the middle of whatever causes them, keeps what may be wanted, and writes it when
// the session may speak: after a command, in IDLE, and with NOTIFY while it waits for the next one.
// Of other users' mailboxes it hears through links to their accounts; whether the user may know of
// what happened there is decided when it is told.
// Belongs to a session, on the account's home shard. Too much between two times it can speak, and
// it gives up as the RFC has it: NOTIFICATIONOVERFLOW.
// RFC 5465 (NOTIFY), RFC 5464 §4.4.2 (unsolicited METADATA responses).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/task.hpp"
#include "imap/access.hpp"
#include "imap/parse_notify.hpp"
#include "store/account.hpp"
#include "store/feed_link.hpp"
#include "store/view.hpp"

namespace postern::imap {

class Session;

class Notifier final : public store::AccountListener {
 public:
    explicit Notifier(store::Account& account);
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;
    ~Notifier();

    // NOTIFY SET or NONE. Before the first one the selected mailbox is told of as ever.
    void ask(NotifyRequest request, const store::View* view);
    // ENABLE METADATA: bits of notify_event besides.
    void ask_metadata(std::uint8_t events) { enabled_ |= events; }

    // After it: links to the accounts of other users whose mailboxes were asked for, and LIST
    // \NoAccess of those that may be seen and not read. False: too many accounts.
    engine::task<Result<bool>> follow_shared(Session& session);

    bool was_asked() const { return was_asked_; }
    // RFC 5465 §3.1: "all the time (even when no command is in progress)".
    bool tells_all_the_time() const;
    // Whether EXPUNGE may be sent at any time.
    store::Expunges expunges_between_commands() const;
    // Bits of notify_event::messages, of the selected mailbox.
    std::uint8_t selected_events() const;

    void note_selected(const store::View& view);
    // `event` is set when something is to be told; null: nobody waits.
    void wake(engine::Event* event) { waker_ = event; }
    void account_changed(const store::AccountChange& change) override;

    // Writes what there is to tell.
    engine::task<Result<void>> tell(Session& session);
    // RFC 5465 §3.1 (STATUS): of every mailbox whose messages were asked for.
    engine::task<Result<void>> write_statuses(Session& session);

    // RFC 5465 §5: what this client does itself is not told to it. A command takes a mark before it
    // acts, and afterwards forgets its own doing.
    std::size_t mark() const { return events_.size(); }
    void forget(store::AccountEvent event, std::string_view mailbox, std::size_t mark);
    bool has_mail_in(const std::string& mailbox) const { return mail_.contains(mailbox); }
    void forget_new_mail_in(const std::string& mailbox);
    // Messages of the selected mailbox that need no FETCH.
    void note_own(const std::vector<std::uint32_t>& uids);

 private:
    struct Event {
        store::AccountEvent event;
        std::string mailbox;
        std::string old_name;
        std::vector<std::string> entries;
    };
    using Names = std::vector<std::string>;

    // An account of another user.
    class Followed final : public store::AccountListener {
     public:
        Followed(Notifier& notifier, std::string owner)
            : notifier_(notifier), owner_(std::move(owner)) {}
        void account_changed(const store::AccountChange& change) override;
        std::unique_ptr<store::FeedLink> link;

     private:
        Notifier& notifier_;
        std::string owner_;
    };

    bool may_be_wanted(std::uint8_t bit, const store::AccountChange& change) const;
    bool wants(std::uint8_t bit, std::string_view mailbox, const Names& subscribed) const;
    void note_event(const store::AccountChange& change);
    void overflow();
    bool asks_beyond_own() const;
    engine::task<Result<std::set<std::string>>> find_owners(Session& session,
                                                            const Names* subscribed);
    engine::task<Result<bool>> is_for_user(Session& session, Event* event);
    engine::task<Result<store::MailboxStatus>> status_of(Session& session, std::string mailbox);
    engine::task<Result<void>> tell_events(Session& session, const Names* subscribed);
    engine::task<Result<void>> tell_mail(Session& session, const Names* subscribed);
    engine::task<Result<void>> tell_new_messages(Session& session);

    store::Account& account_;
    NotifyRequest request_;
    bool was_asked_ = false;      // by NOTIFY
    bool has_overflown_ = false;  // and this is still to be said
    std::uint8_t enabled_ = 0;    // by ENABLE
    engine::Event* waker_ = nullptr;
    std::map<std::string, std::uint8_t> mail_;  // mailboxes not selected: bits of notify_event
    std::vector<Event> events_;                 // the others, as they came
    std::vector<std::uint32_t> own_;            // UIDs, any order
    std::uint32_t last_uid_ = 0;                // of the selected mailbox: told up to here
    std::vector<std::unique_ptr<Followed>> followed_;
    std::set<std::string> seen_;  // other users' mailboxes that the user knows of
};

// What a command of this session is about to put into a mailbox. Without NOTIFY it does nothing.
class OwnMail {
 public:
    OwnMail(Session& session, const OpenPlace& target);
    // It has: these UIDs.
    void added(const std::vector<std::uint32_t>& uids);

 private:
    Session& session_;
    std::shared_ptr<store::Mailbox> target_;
    std::string name_;  // as clients see it
    bool is_own_;
    store::MailboxStatus before_;
    bool was_clean_ = false;
};

// A change of the tree, of subscriptions or annotations that a command of this session makes.
class OwnChange {
 public:
    explicit OwnChange(Session& session);
    // It has.
    void made(store::AccountEvent event, std::string_view mailbox);

 private:
    Session& session_;
    std::size_t mark_ = 0;
};

}  // namespace postern::imap
