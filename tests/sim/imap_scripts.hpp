// IMAP clients of the simulated gateway: one that lists, appends, flags, copies, moves and
// expunges, and one that only looks. One at a time uses an account. RFC 3501, RFC 4315, RFC 6851.
#pragma once

#include "engine/task.hpp"
#include "sim/gateway.hpp"
#include "sim/imap_oracle.hpp"
#include "sim/mail_oracle.hpp"
#include "sim/store_scripts.hpp"

namespace postern::sim {

struct ImapUse {
    Gateway* gateway = nullptr;
    MailOracle* mail = nullptr;
    ImapOracle* imap = nullptr;
    unsigned account = 0;
};

// One session of so many steps.
engine::task<void> use_imap(ImapUse use, unsigned steps, unsigned* running);

// One session that lists every mailbox.
engine::task<void> list_by_imap(ImapUse use, Reading* reading, unsigned* running);

}  // namespace postern::sim
