// Which messages of the selected mailbox a sequence set names. RFC 3501 §9 "seq-number", §6.4.8.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "imap/sequence_set.hpp"
#include "store/view.hpp"

namespace postern::imap {

enum class Numbers : std::uint8_t { sequence, uid };

// UIDs, ascending, each once. A sequence number nobody has is fail_syntax (BAD); UIDs nobody has
// are passed over (RFC 3501 §6.4.8). "$" is the saved result in either form (RFC 5182 §2.1).
Result<std::vector<std::uint32_t>> find_messages(const store::View& view, const SequenceSet& set,
                                                 Numbers numbers);

}  // namespace postern::imap
