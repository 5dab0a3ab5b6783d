// A look at mail on disk with other eyes than the store's: each thing that is kept beside the
// messages against the messages. For tests, the simulator and the administrator. It reads what is
// on disk, so an open mailbox must have been flushed (Mailbox::flush) and stand still. check_parts
// has the parts. Every message is read once.
//
// Of a mailbox: every file has a name of ours, UIDs are unique and below the mark of the state
// file, sizes are those of the names; index and directory agree on messages, flags and places; no
// modification sequence is above its mark, nothing that is there counts as gone; facts and traits
// are those of the messages; keywords have names; access list, annotations, the list of what POP3
// has read and the table of UIDLs can be read and fit.
// Of an account: its own file, subscriptions, special uses, annotations; maildirsize is right if it
// says that it is; no two mailboxes have one id; undelete knows all that is kept for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/task.hpp"

namespace postern::store {

// How the complaint begins that facts are lost: a cache, that is not synced. After the loss of
// power, and only then, that is no fault.
inline constexpr std::string_view unreadable_facts = "facts cannot be read: UID ";

// What is wrong, in words; empty when all is well. Errors: the directory cannot be read.
engine::task<Result<std::vector<std::string>>> check_mailbox(std::string directory);

// The same for an account, INBOX and every folder.
engine::task<Result<std::vector<std::string>>> check_account(std::string directory);

// Where INBOX and the folders of an account are: what above goes through.
engine::task<Result<std::vector<std::string>>> mailbox_directories(std::string directory);

}  // namespace postern::store
