// What a shard's ring may do: the operations that UringKernel submits, and no registration. Set
// before the ring is enabled (IORING_SETUP_R_DISABLED), it holds for the ring's life, so that code
// that has been taken over cannot use the ring as a way round a filter of system calls. An
// operation outside of the list completes with -EACCES.
#pragma once

#include <liburing.h>

namespace postern::engine {

// 0 or -errno. The ring is still disabled.
int restrict_ring(io_uring* ring);
// By the thread that will submit. 0 or -errno.
int enable_ring(io_uring* ring);

}  // namespace postern::engine
