// Fetches what was sent back out of the mailboxes, by IMAP, and enters it into the ledger. On one
// shard; blocks nobody. RFC 3501 §6.4.5 (FETCH).
#pragma once

#include <string>

#include "load/connection.hpp"
#include "load/ledger.hpp"

namespace postern::bench {

// Every mailbox, until all that is expected has been found or no more has come for some seconds:
// a server may deliver later than it acknowledges. Empty: done. Otherwise why not.
engine::task<std::string> collect(const Settings* settings, const Peer* peer, std::string run,
                                  Ledger* ledger);

}  // namespace postern::bench
