// The arguments of BDAT, for its handler and its test. RFC 3030 §2.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::smtp {

enum class ChunkKind : std::uint8_t { more_follows, last };

struct ChunkArguments {
    std::uint64_t bytes = 0;
    ChunkKind kind = ChunkKind::more_follows;
    friend bool operator==(const ChunkArguments&, const ChunkArguments&) = default;
};

// chunk-size [ SP "LAST" ]; a size beyond 64 bits is UINT64_MAX.
std::optional<ChunkArguments> parse_chunk_arguments(std::string_view arguments);

}  // namespace postern::smtp
