// Facts on their way from the disk: a record of the facts file, and the facts of a message from its
// bytes. On the shard that owns the mailbox; descriptors are the caller's and stay open meanwhile.
// Errors: corrupt for a record that is torn or another UID's.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "engine/task.hpp"
#include "store/traits.hpp"

namespace postern::store {

// Read at once with a record's head: most records are whole in it.
inline constexpr std::size_t facts_read_bytes = 4096;

// The payload of that UID's record at `offset`, its checksum right.
engine::task<Result<std::string>> read_facts_record(int fd, std::uint32_t uid,
                                                    std::uint64_t offset);

// Of a whole message, read piece by piece: the payload of its record. `traits` (null: nobody asks)
// has looked at all of it afterwards.
engine::task<Result<std::string>> compute_facts_of(int fd, std::uint64_t size_bytes,
                                                   TraitScanner* traits);

}  // namespace postern::store
