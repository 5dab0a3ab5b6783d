// Restoring a part into a gateway that may run: an account, one of its mailboxes, or one message.
// Only what is missing comes back: a message that lies in its mailbox is left alone. It is laid
// where the store keeps expunged mail (store/expunged.hpp), as a deleted mailbox with a time of its
// own in the far future; the daemon's command "undelete" since that time brings it back, on
// the account's home shard. A mailbox that is gone comes back with its UIDs; messages of one that
// is there get new ones. Blocking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backup/limits.hpp"
#include "backup/reader.hpp"

namespace postern::backup {

struct Part {
    std::string address;
    std::optional<std::string> mailbox;  // its directory, "" INBOX; nothing: all
    std::optional<std::uint32_t> uid;    // as it was in the backup; needs a mailbox
};

struct PartChange {
    std::string directory;  // of the mailbox
    bool is_new = false;    // the account has no such mailbox now
    std::uint64_t missing = 0;
    std::uint64_t there = 0;
    std::uint64_t bytes = 0;  // of what is missing
};
// Mailboxes of the part. not_found: the backup has no such account, mailbox or message.
Outcome<std::vector<PartChange>> plan_part(Reader& reader, const Snapshot& snapshot,
                                           const std::string& data_directory, const Part& part);

// A message of a backup, for somebody to choose.
struct PartMessage {
    std::uint32_t uid = 0;
    std::int64_t arrived_s = 0;  // Unix time
    std::uint64_t bytes = 0;
    std::string from;     // UTF-8 on one line, whatever it holds: to be escaped
    std::string subject;  // the same
    bool is_there = false;
};
// Of the part's mailbox, which must be given: those with the highest UIDs below `before_uid`, the
// highest first.
Outcome<std::vector<PartMessage>> list_part(Reader& reader, const Snapshot& snapshot,
                                            const std::string& data_directory, const Part& part,
                                            std::uint32_t before_uid,
                                            std::size_t messages_max = limits::listed_messages_max);

// Lays down what is missing; gives the time for "undelete", Unix seconds. not_found also when the
// account is not in the gateway's database: it is added first.
Outcome<std::int64_t> place_part(Reader& reader, const Snapshot& snapshot,
                                 const std::string& data_directory, const Part& part);
// Takes away what was laid down at that time, the daemon having refused it.
void remove_part(const Snapshot& snapshot, const std::string& data_directory, const Part& part,
                 std::int64_t at_s);

}  // namespace postern::backup
