// A look at a mailbox on disk with other eyes than the store's: state file, index and facts against
// the files in new/ and cur/. For tests, the simulator and the administrator. It reads what is on
// disk, so an open mailbox must have been flushed (Mailbox::flush) and stand still.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/task.hpp"

namespace postern::store {

// What is wrong, in words; empty when all is well: every file has a name of ours, UIDs are unique
// and below the mark of the state file, sizes are those of the names, index and directory agree on
// messages, flags and places. Errors: the directory cannot be read.
engine::task<Result<std::vector<std::string>>> check_mailbox(std::string directory);

// The same for INBOX and every folder of an account.
engine::task<Result<std::vector<std::string>>> check_account(std::string directory);

// Where INBOX and the folders of an account are: what above goes through.
engine::task<Result<std::vector<std::string>>> mailbox_directories(std::string directory);

}  // namespace postern::store
