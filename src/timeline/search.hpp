// Search: the timelines of messages that something is found by. Two passes over the segments:
// which messages, the latest first; then all that is known of those. What has an index is looked
// up in it, the rest is read through. Memory is bounded by a segment and a page of results.
// BLOCKING: offload pool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "timeline/event.hpp"
#include "timeline/files.hpp"
#include "timeline/limits.hpp"

namespace postern::timeline {

struct Query {
    std::string text;                 // an address, a Message-ID, an id
    std::optional<std::uint64_t> id;  // if the text reads as one
    WallTime since;                   // found by an event of this time or later
    WallTime before{INT64_MAX};       // and before this one: the next page
    std::size_t messages_max = messages_listed_max;
};

struct Timeline {
    std::uint64_t id = 0;
    std::vector<Event> events;  // in order of time
    std::uint64_t events_left_out = 0;
};

struct Page {
    std::vector<Timeline> timelines;  // the latest first
    // There may be more: ask again for what is before. Those with events on both sides come again.
    std::optional<WallTime> more_before;
    std::uint64_t damaged = 0;  // places in the segments that could not be read
};

Page search(const std::string& directory, const Query& query, Files& files = system_files());

}  // namespace postern::timeline
