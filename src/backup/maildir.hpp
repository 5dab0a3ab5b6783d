// Mailboxes on disk as a backup sees them, while the gateway goes on working in them. Blocking.
//
// A listing of a directory is no snapshot: a file that is renamed meanwhile may be missed, and so
// may one that is moved to a mailbox listed before. So all are listed twice and both count; what is
// in neither was not there all the time. new/ is listed before cur/: messages go that way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backup/problem.hpp"

namespace postern::backup {

struct ListedMessage {
    std::string path;         // "cur/…" or "new/…"
    std::uint32_t page = 0;   // by its UID (limits::uids_per_page); unnumbered_page without one
    std::uint32_t uid = 0;    // 0: none
    std::uint64_t bytes = 0;  // as its name says; 0 when it does not
};
// In the order of pages, UIDs, names; one entry a message. No such directory: none.
Outcome<std::vector<ListedMessage>> list_messages(const std::string& mailbox_directory);
// Adds what a later listing of the same mailbox has; where both have a message, as the later one.
void merge_listing(std::vector<ListedMessage>& messages, std::vector<ListedMessage> later);

// Mailboxes of an account: names of directories, "" for INBOX first, then in byte order.
Outcome<std::vector<std::string>> list_mailboxes(const std::string& account_directory);
std::string mailbox_path(const std::string& account_directory, const std::string& directory);

// What lies beside the messages and must be kept, in the order in which it must be read: after the
// messages, and the index before the tables that explain it. "postern.account" and the like, which
// an account has beside its INBOX, are among INBOX's.
std::vector<std::string> list_beside(const std::string& mailbox_directory);

}  // namespace postern::backup
