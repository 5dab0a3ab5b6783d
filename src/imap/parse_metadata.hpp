// Entries and options of GETMETADATA, SETMETADATA and LIST with METADATA. Pure. RFC 5464 §5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/decoder.hpp"

namespace postern::imap {

enum class Depth : std::uint8_t { zero, one, infinity };  // RFC 5464 §4.2.2

struct MetadataOptions {
    bool is_given = false;
    std::optional<std::uint32_t> max_size_bytes;
    Depth depth = Depth::zero;
};

// "(" getmetadata-option *(SP getmetadata-option) ")"; mistakes stick to `in`.
MetadataOptions parse_metadata_options(Decoder& in);
// In lower case; below /private or /shared.
std::string parse_entry(Decoder& in);
// entry / "(" entry *(SP entry) ")"
std::vector<std::string> parse_entries(Decoder& in);

}  // namespace postern::imap
