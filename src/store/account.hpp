// Account: the mailboxes of one account, on its home shard. Shared by all its sessions. Names are
// canonical or not (canonical_mailbox_name is applied here); refusals are peer_request errors:
// exists, not_found, refused, limit, in_use. What changes the tree is durable when it returns.
// RFC 9051 §6.3.4 to §6.3.11 (CREATE … STATUS), RFC 6154 (SPECIAL-USE).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/task.hpp"
#include "store/account_feed.hpp"
#include "store/acl.hpp"
#include "store/annotations.hpp"
#include "store/drop.hpp"
#include "store/mailbox.hpp"
#include "store/quota.hpp"

namespace postern::store {

// RFC 6154 §2; attribute() gives "\\Sent" and so on.
enum class SpecialUse : std::uint8_t { none, archive, drafts, junk, sent, trash };
std::string_view attribute(SpecialUse use);
SpecialUse find_special_use(std::string_view attribute);  // any case; none: not known

struct MailboxInfo {
    std::string name;        // canonical UTF-8
    bool selectable = true;  // false: \NonExistent / \Noselect, only a superior of others
    bool has_children = false;
    bool subscribed = false;
    SpecialUse special_use = SpecialUse::none;
};

// Messages to have back: of one mailbox or, empty, of all; expunged at that time or later.
struct UndeleteRequest {
    std::string mailbox;
    std::int64_t since_s = 0;  // Unix time
};

enum class Repair : std::uint8_t { no, yes };

class Account {
 public:
    virtual ~Account() = default;
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    virtual const std::string& directory() const = 0;  // absolute

    // All mailboxes, INBOX first, the others in byte order; superiors that do not exist
    // themselves are in it with selectable false. Never waits for long: kept in memory.
    virtual engine::task<Result<std::vector<MailboxInfo>>> list() = 0;

    // The one object of that mailbox on this shard. not_found also for \Noselect names.
    virtual engine::task<Result<std::shared_ptr<Mailbox>>> open(std::string name) = 0;
    virtual engine::task<Result<MailboxStatus>> status(std::string name) = 0;

    // With superiors. One trailing '/' is ignored (RFC 9051 §6.3.4). exists; INBOX always exists.
    virtual engine::task<Result<void>> create(std::string name) = 0;
    // RFC 6154 §3: with that use; in_use when another mailbox has it.
    virtual engine::task<Result<void>> create_special(std::string name, SpecialUse use) = 0;
    // A mailbox with children stays in the list as \Noselect. INBOX: refused. Sessions that have it
    // selected see is_gone().
    virtual engine::task<Result<void>> remove(std::string name) = 0;
    // Children follow; subscriptions stay (RFC 9051 §6.3.6, §6.3.9). INBOX: its messages move,
    // INBOX stays (and its children stay).
    virtual engine::task<Result<void>> rename(std::string from, std::string to) = 0;

    // Subscriptions are names; the mailbox need not exist (RFC 3501 §6.3.6).
    virtual engine::task<Result<void>> subscribe(std::string name) = 0;
    virtual engine::task<Result<void>> unsubscribe(std::string name) = 0;
    virtual engine::task<Result<std::vector<std::string>>> subscriptions() = 0;  // in byte order

    // RFC 5464: annotations of a mailbox, or with "" of the account. annotate: all changes or
    // none; limit, too_big.
    virtual engine::task<Result<Annotations>> annotations(std::string name) = 0;
    virtual engine::task<Result<void>> annotate(std::string name, AnnotationChanges changes) = 0;

    // What happens from now on, whoever does it. Listeners leave before the account does.
    virtual AccountFeed& feed() = 0;

    // RFC 4314: who may do what with a mailbox; those of all mailboxes that have one. set_acl:
    // limit. Who asks, and whether he may, is the caller's affair.
    virtual engine::task<Result<Acl>> acl(std::string name) = 0;
    virtual engine::task<Result<AclsByMailbox>> acls() = 0;
    virtual engine::task<Result<void>> set_acl(std::string name, AclChange change) = 0;

    // Takes INBOX for one POP3 session; in_use while another has it (RFC 1939 §8). What POP3 read
    // more than `retention_days` ago is removed; nothing: it is kept for ever.
    virtual engine::task<Result<std::unique_ptr<Drop>>> open_drop(
        std::optional<std::uint32_t> retention_days) = 0;

    // RFC 9208 §4.2: the limits in force and what is used of them. Expunged mail does not count.
    virtual engine::task<Result<QuotaStatus>> quota() = 0;
    // over_quota when a message of that size would not be taken now.
    virtual engine::task<Result<void>> check_quota(std::uint64_t bytes) = 0;

    // Brings back what was expunged and is still kept, each to its mailbox, or to INBOX when that
    // is no more, with a new UID and without \Deleted. Gives their number. over_quota: those
    // before stay.
    virtual engine::task<Result<std::uint32_t>> undelete(UndeleteRequest request) = 0;
    // Looks at every mailbox on disk (check.hpp), having opened them all and written what is beside
    // the messages anew if it is to repair. Gives what is wrong, and still is.
    virtual engine::task<Result<std::vector<std::string>>> check(Repair repair) = 0;

    // Writes what Dovecot keeps beside a Maildir, for the case that it takes over: UIDs, keywords
    // and UIDLs as they are now.
    virtual engine::task<Result<void>> export_dovecot() = 0;

    // Flushes every open mailbox (Mailbox::flush).
    virtual engine::task<Result<void>> flush() = 0;

 protected:
    Account() = default;
};

}  // namespace postern::store
