// Clients of the simulated gateway: one that sends mail by SMTP, politely or not, and one that
// reads a mailbox by POP3. They run on a machine of their own and outlive the gateway's restarts.
// RFC 5321, RFC 4954 (AUTH), RFC 2920 (PIPELINING), RFC 1939.
#pragma once

#include "engine/task.hpp"
#include "sim/gateway.hpp"
#include "sim/mail_oracle.hpp"
#include "sim/remote_oracle.hpp"
#include "sim/store_scripts.hpp"

namespace postern::sim {

// One connection to port 25 or 587 and up to `count` messages. Tells the oracle of every 250. With
// a `remote` oracle all go by 587, and to recipients elsewhere too.
engine::task<void> send_some(Gateway* gateway, MailOracle* oracle, RemoteOracle* remote,
                             unsigned count, unsigned* running);

// One POP3 session, from login to QUIT.
engine::task<void> fetch_mailbox(Gateway* gateway, MailOracle* oracle, Reading* reading,
                                 unsigned* running);

}  // namespace postern::sim
