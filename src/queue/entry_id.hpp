// Ids of messages and of queue entries: 64 bits, shown as 13 characters that are fine in a header,
// a log, a file name and a shell. The entries of one message have consecutive ids, the first one
// the message's own. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::queue {

using EntryId = std::uint64_t;

std::string format_entry_id(EntryId id);
// Case does not matter; nothing for what no id looks like.
std::optional<EntryId> parse_entry_id(std::string_view text);

}  // namespace postern::queue
