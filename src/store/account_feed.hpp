// AccountFeed: what happens in an account, for sessions that want to hear of mailboxes they have
// not selected (NOTIFY). One an account, on its home shard, shared with its open mailboxes.
// Listeners are called from the middle of what changes something: they note it and come back to it
// later. Costs nothing while nobody listens. RFC 5465.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

enum class AccountEvent : std::uint8_t {
    messages_new,
    messages_gone,
    flags_changed,
    mailbox_created,
    mailbox_removed,
    mailbox_renamed,  // and all that is below it
    subscription_changed,
    annotations_changed,
};

// Valid during the call.
struct AccountChange {
    AccountEvent event = AccountEvent::messages_new;
    std::string_view mailbox;              // canonical; "" for annotations of the account
    std::string_view old_name;             // of a mailbox that was renamed
    std::span<const std::string> entries;  // annotations that were set or removed
};

class AccountListener {
 public:
    virtual void account_changed(const AccountChange& change) = 0;

 protected:
    ~AccountListener() = default;
};

class AccountFeed {
 public:
    void add(AccountListener* listener) { listeners_.push_back(listener); }
    void remove(AccountListener* listener) { std::erase(listeners_, listener); }
    void publish(const AccountChange& change) const {
        for (AccountListener* listener : listeners_) listener->account_changed(change);
    }

 private:
    std::vector<AccountListener*> listeners_;
};

}  // namespace postern::store
