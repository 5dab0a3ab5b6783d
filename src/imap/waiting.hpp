// A session that waits for its client and tells it meanwhile what happens: in IDLE, and with NOTIFY
// between commands too. It waits on one event, the stream's own, which the selected mailbox and the
// account's changes set as well. RFC 2177, RFC 5465 §3.1.
#pragma once

#include "engine/task.hpp"
#include "store/view.hpp"

namespace postern::imap {

class Session;

// Ends when the client has sent something, or the session is to end.
engine::task<Result<void>> tell_until_input(Session& session, store::Expunges expunges);

}  // namespace postern::imap
