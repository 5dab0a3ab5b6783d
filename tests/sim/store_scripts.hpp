// What the scenario does to a bare store, on the gateway's own shards: delivering a message, and
// reading a mailbox and deleting from it as POP3 would; and opening all there is.
#pragma once

#include "engine/task.hpp"
#include "sim/gateway.hpp"
#include "sim/mail_oracle.hpp"

namespace postern::sim {

// Delivers some messages, one after the other. Ends with the machine.
engine::task<void> deliver_some(Gateway* gateway, MailOracle* oracle, unsigned count,
                                unsigned* running);

enum class AfterReading : std::uint8_t { keep, delete_some };
struct Reading {
    unsigned account = 0;
    AfterReading after = AfterReading::keep;
    bool complete = false;  // everything could be read
};
// On the account's home shard.
engine::task<void> read_mailbox(Gateway* gateway, MailOracle* oracle, Reading* reading,
                                unsigned* running);

// Opens every mailbox of the account, on its home shard: what a crash left undone beside the mail
// is done then.
engine::task<void> open_mailboxes(Gateway* gateway, MailOracle* oracle, unsigned account,
                                  unsigned* running);

}  // namespace postern::sim
