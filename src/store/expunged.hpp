// What has been expunged, and mailboxes that were deleted, while they can still be had back: beside
// the mailboxes of an account, known to no index and counted by no quota.
//
//   postern.expunged/<mailbox>/<time>,<name>         a message; its name as it should be in cur/
//   postern.expunged/<mailbox>/<time>,mailbox-<hex>  a mailbox as it was, with all that is in it
//
// <mailbox> is "INBOX" or the mailbox's directory, <time> is when, in Unix seconds. On the
// account's home shard; whoever restores and the sweep may meet: what is not there has gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/task.hpp"
#include "store/file_name.hpp"

namespace postern::store {

struct ExpungedMessage {
    std::int64_t at_s = 0;
    std::string entry;  // in its directory
    ParsedFileName name;
};
struct DeletedMailbox {
    std::int64_t at_s = 0;
    std::string entry;
};
// Of one mailbox: messages oldest first, mailboxes newest first.
struct ExpungedFolder {
    std::vector<ExpungedMessage> messages;
    std::vector<DeletedMailbox> mailboxes;
};

// The name of a message that is expunged now; `entry` is what it should be called in cur/.
std::string format_expunged(std::int64_t at_s, std::string_view entry);
std::string format_deleted_mailbox(std::int64_t at_s, std::uint64_t unique);

// Of one directory below postern.expunged; one that is not there is empty.
engine::task<Result<ExpungedFolder>> list_expunged(std::string directory);
// The directories below an account's postern.expunged, by name.
engine::task<Result<std::vector<std::string>>> list_expunged_folders(std::string account_directory);
// Removes what is older than that.
engine::task<Result<void>> sweep_expunged(std::string account_directory, std::uint32_t days);

}  // namespace postern::store
