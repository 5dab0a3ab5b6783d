// CRC-32C (Castagnoli), which guards every durable record of the store and the queue.
// Check value: crc32c("123456789") == 0xe3069283 (RFC 3720 §B.4 uses the same polynomial).
#pragma once

#include <cstdint>
#include <string_view>

namespace postern {

// `seed` is the checksum of the bytes before these, 0 at the start.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// A fast non-cryptographic 64-bit hash (FNV-1a with a final mix), the same on every machine:
// it chooses home shards and so must never change between versions.
std::uint64_t stable_hash(std::string_view bytes);

}  // namespace postern
