// VANISHED (EARLIER) and the flags that changed meanwhile: what a client that was away missed, for
// SELECT with QRESYNC and for UID FETCH with VANISHED. RFC 7162 §3.2.5, §3.2.6, §3.2.10.1.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/task.hpp"
#include "imap/sequence_set.hpp"
#include "imap/session.hpp"

namespace postern::imap {

// RFC 7162 §3.2.5.2: message numbers and their UIDs as the client knows them.
struct KnownSequences {
    SequenceSet numbers;
    SequenceSet uids;
};

// What of `known_uids` (as written; "1:*" when empty) has gone since `modseq`. `sequences` may be
// null.
std::vector<store::UidRange> find_vanished(const store::View& view, const SequenceSet& known_uids,
                                           std::uint64_t modseq, const KnownSequences* sequences);

// Nothing for no ranges.
engine::task<Result<void>> write_vanished(Session& session, std::vector<store::UidRange> ranges);

}  // namespace postern::imap
