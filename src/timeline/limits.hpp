// The timeline's named limits, units last.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::timeline {

inline constexpr std::size_t value_bytes_max = 1'000;         // of one field; the rest is cut off
inline constexpr std::size_t record_bytes_max = 16 * 1024;    // further fields are left out
inline constexpr std::size_t fields_noted_max = 48;           // of one record of an acceptance
inline constexpr std::size_t buffer_bytes_max = 4 << 20;      // of one shard, waiting for the disk
inline constexpr std::size_t eager_bytes = 256 * 1024;        // so much does not wait for its time
inline constexpr std::int64_t write_interval_ms = 1'000;      // what a power cut takes at most
inline constexpr std::uint32_t refusals_per_second_max = 50;  // noted, of one shard
inline constexpr std::size_t looks_remembered = 4'096;        // of one shard: see Recorder

inline constexpr std::uint64_t segment_bytes_max = 16 << 20;
inline constexpr std::uint32_t days_max = 3'650;
inline constexpr std::uint64_t total_bytes_min = 4 * segment_bytes_max;  // what may be configured
inline constexpr std::int64_t expiry_interval_s = 3'600;

inline constexpr std::size_t query_bytes_max = 1'024;
inline constexpr std::size_t messages_listed_max = 50;  // in one page
inline constexpr std::size_t events_listed_max = 500;   // of one message
inline constexpr std::size_t page_bytes_max = 4 << 20;  // of one page; then events are left out

static_assert(segment_bytes_max <= UINT32_MAX, "the index has offsets of 32 bits");
static_assert(eager_bytes < buffer_bytes_max && buffer_bytes_max < segment_bytes_max);

}  // namespace postern::timeline
