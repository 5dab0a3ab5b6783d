// `idle`: many sessions wait in IMAP IDLE while mail is delivered by SMTP at a fixed rate, and each
// notice (EXISTS) is measured from the moment its message was begun to be sent. All on shard 0 of
// the run, as the moments are shared. Errors are counted like those of any workload; a notice that
// has not come when the run is over counts as one failure. RFC 2177 (IDLE).
#pragma once

#include "load/run.hpp"
#include "load/worker.hpp"

namespace postern::bench {

// Opens the sessions, delivers for the duration, waits for the last notices.
engine::task<void> run_idle(Plan* plan, Outcome* outcome);

}  // namespace postern::bench
