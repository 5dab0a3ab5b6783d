// Recorder: the timeline's end on a shard. note() appends a record to a buffer in memory and that
// is all a message pays; the buffer goes to the shard's segment about once a second and at the end,
// in one unsynced write. A power cut takes the last second, a full disk what was to be written
// then: both are told of or bounded, neither touches mail. Belongs to its shard.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/event.hpp"
#include "engine/io.hpp"
#include "engine/task.hpp"
#include "timeline/event.hpp"
#include "timeline/segment.hpp"

namespace postern::timeline {

class Recorder {
 public:
    // `files` outlives it.
    Recorder(std::string directory, Keeping keeping, unsigned shard, Files& files = system_files());

    // `time` other than 0: it was then.
    void note(Kind kind, Ids ids, std::initializer_list<Field> fields, WallTime time = {}) {
        note(kind, ids, std::span(fields.begin(), fields.size()), time);
    }
    void note(Kind kind, Ids ids, std::span<const Field> fields, WallTime time = {});
    // For refusals, which peers can have as many of as they like: some each second.
    bool may_note_refusal();
    // Of a message (by its EMAILID) that came at `saved_s`: whether its body goes to somebody for
    // the first time, as far as is remembered, and its timeline is still kept. Notes that it does.
    bool is_first_look(std::uint64_t email_id, std::int64_t saved_s);

    // Writes what there is until the scope drains; must have ended before the shard does.
    engine::task<void> run();
    // Writes what there is now.
    engine::task<void> flush();

    // The records that wait to be written.
    std::string_view pending() const { return buffer_; }
    // Since start: lost for want of memory or disk, left out as one refusal too many.
    std::uint64_t lost() const { return lost_; }
    std::uint64_t left_out() const { return left_out_; }

 private:
    engine::task<Result<void>> write(const std::string* bytes);
    engine::task<Result<void>> open_segment(std::uint32_t day);
    engine::task<std::uint64_t> bytes_indexed(std::string path);
    engine::task<void> finish_segment();
    engine::task<void> expire();
    void report(Result<void> written, std::uint64_t records);

    std::string directory_;
    Keeping keeping_;
    unsigned shard_;
    Files& files_;  // of what is done in the offload pool
    std::string buffer_;
    std::uint64_t buffered_ = 0;  // records
    std::uint64_t lost_ = 0;
    std::uint64_t left_out_ = 0;
    bool is_failing_ = false;  // the last write did; said once
    engine::Event wake_;
    engine::Event eager_;
    engine::Mutex mutex_;  // of what follows
    engine::File file_;
    SegmentName name_;
    std::uint64_t offset_ = 0;
    std::string finished_;  // a segment that nothing more is written to, without index yet
    MonotonicTime next_expiry_;
    std::int64_t refusals_second_ = 0;
    std::uint32_t refusals_ = 0;
    std::vector<std::uint64_t> looks_;
};

}  // namespace postern::timeline
