// A moment as people read it, in UTC. Not by gmtime_r: the C library reads the calendar under one
// lock of the process, and no shard waits for another.
#pragma once

#include <cstdint>
#include <string>

namespace postern {

// "2026-11-22 04:30:05.123", with `between` for the space. Times before 1970 are shown as 1970.
std::string format_utc(std::int64_t unix_ms, char between = ' ');

}  // namespace postern
