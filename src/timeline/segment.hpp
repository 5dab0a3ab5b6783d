// Segments: the files of the timeline, <data>/timeline/<day>-<shard>-<number>.log, records behind
// each other (event.hpp), and beside each that nothing is written to any more its index, .idx
// (index.hpp). A day is one of UTC. What an index does not cover is read from the segment itself,
// so an index may be missing, old or damaged. BLOCKING, all but the names: offload pool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "timeline/files.hpp"

namespace postern::timeline {

struct SegmentName {
    std::uint32_t day = 0;  // since 1970-01-01
    std::uint32_t shard = 0;
    std::uint32_t number = 0;
    friend auto operator<=>(const SegmentName&, const SegmentName&) = default;
};
std::uint32_t day_of(WallTime time);
// "20261122-003-0001.log"
std::string format_segment_name(const SegmentName& name);
std::optional<SegmentName> parse_segment_name(std::string_view entry);
// The index of the segment at `path`.
std::string index_path(const std::string& path);

struct Segment {
    SegmentName name;
    std::string path;
    std::uint64_t bytes = 0;  // with its index
};
// In order of their names, so the oldest day first.
std::vector<Segment> list_segments(const std::string& directory, Files& files = system_files());

// Up to segment_bytes_max and a buffer more, from `offset` on.
Result<std::string> read_segment(const std::string& path, std::uint64_t offset,
                                 Files& files = system_files());

// Makes the index of a segment, or brings it up to date.
Result<void> index_segment(const std::string& path, Files& files = system_files());

struct Keeping {
    std::uint32_t days = 0;
    std::uint64_t bytes_max = 0;
};
// Removes segments that are too old, and the oldest ones beyond the bytes; of today's none is.
void remove_expired(const std::string& directory, Keeping keeping, WallTime now,
                    Files& files = system_files());
// Of all segments that grew since theirs was made.
void index_missing(const std::string& directory, Files& files = system_files());

}  // namespace postern::timeline
