// What stands in front of the slot in an update file, and who signed it. Pure functions.
//
//   postern-update 1
//   version 0.2.0
//   arch amd64
//   minimum-version 0.1.0
//   slot-bytes 58126336
//   slot-sha256 <64 digits>
//   signature <base64 of 64 bytes>
//
// These seven lines, in this order, each ended by LF; the slot's bytes follow at once and end the
// file. The Ed25519 signature (RFC 8032) is over the six lines above it. minimum-version is the
// oldest version that can share the data partition with this one: a system that old at least may
// take the update, and afterwards nothing older is taken.
// Nothing but the first line is looked at before the signature has been found good.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "update/problem.hpp"

namespace postern::update {

struct Version {
    std::array<std::uint32_t, 3> parts{};
    friend auto operator<=>(const Version&, const Version&) = default;
};
// Three numbers of at most nine digits, without leading zeros: "0.1.0".
std::optional<Version> parse_version(std::string_view text);
std::string format_version(const Version& version);

struct Manifest {
    Version version;
    std::string arch;  // as Debian names it
    Version minimum_version;
    std::uint64_t slot_bytes = 0;
    std::string slot_sha256;  // 32 bytes
};

// The whole of the six lines.
std::optional<Manifest> parse_manifest(std::string_view text);

// Public keys of 32 bytes: a line each, base64 and then, after a space, whatever one likes to call
// it; blank lines and those that begin with '#' say nothing. Nothing when a line is wrong.
std::optional<std::vector<std::string>> parse_keys(std::string_view text);

struct Head {
    Manifest manifest;
    std::size_t bytes = 0;  // where the slot begins
};

enum class More : bool { may_come, end_of_file };

// The head of a file that begins with `bytes`; nothing when more bytes are needed to say.
Outcome<std::optional<Head>> read_head(std::string_view bytes, More more,
                                       const std::vector<std::string>& keys);

// What the running system says of itself.
struct RunningSystem {
    Version version;
    Version minimum_version;
    std::string arch;
};

// Whether the running system may take the update, and it fits the slot.
Outcome<void> check_manifest(const Manifest& manifest, const RunningSystem& running,
                             std::uint64_t slot_bytes_max);

}  // namespace postern::update
