// What is remembered of destinations over a restart: which are suspended, and which cannot be
// reached until when. The file <data>/queue/destinations.<shard>, lines and a checksum:
//
//   postern-destinations 1
//   destination <key> <suspended|waiting> <failures> <blocked until, Unix time> <problem>
//   crc32c 5d1e2a3b
//
// An empty file: none. Replaced as a whole. One that is damaged is forgotten: destinations are
// attempted then. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "queue/scheduler.hpp"

namespace postern::queue {

// "destinations.3"; nothing for other names.
std::string destination_file_name(unsigned shard);
std::optional<unsigned> parse_destination_file_name(std::string_view name);

// Those that are worth it; empty: there are none. Suspended ones all, of the others as many as
// destinations_remembered_max.
std::string format_destinations(std::vector<DestinationStatus> all, Seconds now);
// Nothing: damaged.
std::optional<std::vector<DestinationStatus>> parse_destinations(std::string_view text);

}  // namespace postern::queue
