// Mailboxes by the names that clients use, and what the user may do with them: every handler that
// takes the name of a mailbox gets at it through here. Those of other users are
//
//   Shared/alice@example.test/Work/2024
//
// and live on the home shard of their account (store::Store::reach_account). RFC 4314 §4 (rights
// required), §6: of what the user may not look up nothing is said that is not said of what is not
// there. RFC 2342 §5 (the namespace of other users).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "imap/response.hpp"
#include "store/account.hpp"
#include "store/acl.hpp"

namespace postern::imap {

class Session;

inline constexpr std::string_view shared_root = "Shared";
inline constexpr std::string_view shared_prefix = "Shared/";

struct Place {
    std::shared_ptr<store::Account> account;
    std::string name;   // in that account, canonical
    std::string owner;  // his address; empty: the user himself
    store::Rights rights = 0;

    store::Standing standing() const {
        return owner.empty() ? store::Standing::owner : store::Standing::other;
    }
    std::string shown() const;  // the name as clients see it
};

struct OpenPlace {
    Place place;
    std::shared_ptr<store::Mailbox> mailbox;
};

// The name as clients see it, of a mailbox of `owner`; empty: the user's own.
std::string shown_name(std::string_view owner, std::string_view name);

// Other users' mailboxes on which the user has all of `needed`, by their whole names. Without the
// names above them; special uses are their owner's.
engine::task<Result<std::vector<store::MailboxInfo>>> list_shared(Session& session,
                                                                  store::Rights needed);

// The answer to what the user may see and not do: NO [NOPERM].
Failure no_permission();

// not_found when there is no such mailbox or the user may not know of it, no_permission() when he
// may and lacks one of `needed`. Errors of the name too.
engine::task<Result<Place>> find_mailbox(Session& session, std::string name, store::Rights needed);
// With "r" among `needed` the messages may be read: of another shard's mailbox they are fetched.
engine::task<Result<OpenPlace>> open_mailbox(Session& session, std::string name,
                                             store::Rights needed);
// RFC 4314 §4: whether a mailbox of that name may be made: "k" on the nearest parent that exists;
// at the root the owner may. `rights` of the place say nothing.
engine::task<Result<Place>> find_new_mailbox(Session& session, std::string name);

// RFC 4314 §4: what MOVE and REPLACE need on the mailbox that messages leave.
inline constexpr store::Rights removing_rights =
    store::right::remove_messages | store::right::expunge;
// no_permission() when the user lacks one of these on the selected mailbox.
Result<void> check_selected(const Session& session, store::Rights needed);

// What the user has by that list.
store::Rights rights_by(const Session& session, const store::Acl& acl, store::Standing standing);

// RFC 4314 §3: SASLprep, and the form in which identifiers compare.
Result<std::string> prepare_identifier(const Session& session, std::string_view given);
// The identifier of whoever owns the place.
std::string owner_identifier(const Session& session, const Place& place);

// RFC 3501 §7.1 (PERMANENTFLAGS), RFC 4314 §5.1.1: of the selected mailbox.
std::vector<std::string> permanent_flags(const Session& session);

}  // namespace postern::imap
