// What the queue does to hand in messages of its own making: reports, and held mail whose time has
// come. On the shard that does it.
#pragma once

#include <cstdint>

#include "auth/directory.hpp"
#include "engine/task.hpp"
#include "queue/settings.hpp"
#include "store/spool.hpp"

namespace postern::queue {

// The rest of a file, from `offset` on.
engine::task<Result<void>> copy_content(int fd, std::uint64_t offset, store::IncomingMessage* to);

// The mailboxes and addresses that a recipient here leads to; these get what `model` says.
void add_destinations(Submission& submission, const auth::Recipient& found, Recipient model);

}  // namespace postern::queue
