// Which mailboxes a client means by "personal", "subtree Work" and the like: source options of
// ESEARCH (RFC 7377 §2.2), after the filters of NOTIFY (RFC 5465 §6).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imap/decoder.hpp"

namespace postern::store {
struct MailboxInfo;
}

namespace postern::imap {

enum class FilterKind : std::uint8_t {
    selected,     // the selected mailbox; not decided here
    inboxes,      // where deliveries go
    personal,     // all of the user's
    subscribed,   //
    subtree,      // the names and all below them
    subtree_one,  // the names and what is directly below them (RFC 7377 §4)
    mailboxes,    // the names
};

struct MailboxFilter {
    FilterKind kind = FilterKind::selected;
    std::vector<std::string> names;  // canonical; of those that need them
};

// filter-mailboxes; mistakes stick to `in`. Names that no mailbox can have are left out.
MailboxFilter parse_mailbox_filter(Decoder& in);

bool passes(const store::MailboxInfo& mailbox, const MailboxFilter& filter);

}  // namespace postern::imap
