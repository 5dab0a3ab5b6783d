// Unpredictable numbers for names and ids, from the kernel interface of the current shard.
#pragma once

#include <cstdint>
#include <span>

#include "engine/shard.hpp"

namespace postern::store {

inline std::uint64_t random64() {
    char bytes[8];
    engine::Shard::current().kernel().random(std::span<char>(bytes));
    std::uint64_t value = 0;
    for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

// CLOCK_REALTIME of the current shard's kernel interface, in the range of file names.
inline std::uint32_t wall_seconds() {
    std::int64_t now = engine::Shard::current().kernel().wall_now().unix_seconds();
    return now < 0 ? 0 : now > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(now);
}

}  // namespace postern::store
