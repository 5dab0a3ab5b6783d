// What the kernel knows by heart: opening a file to read it, reading it, a file's status. Each is a
// call that refuses where it would have to wait (openat2 with RESOLVE_CACHED, preadv2 with
// RWF_NOWAIT), and then the ring is asked, which costs about as much again: an entry, a completion
// and a coroutine that is put aside. Measured in docs/internals/performance.md.
#pragma once

#include "engine/operation.hpp"

namespace postern::engine {

// True: the operation has its result. False: nothing has happened.
bool answer_at_once(Operation& operation);

}  // namespace postern::engine
