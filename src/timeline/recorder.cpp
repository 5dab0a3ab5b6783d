// From the buffer to the segment; see recorder.hpp.
#include "timeline/recorder.hpp"

#include <fcntl.h>

#include <utility>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "timeline/index.hpp"
#include "timeline/limits.hpp"

namespace postern::timeline {

using engine::Shard;
using engine::task;
using engine::try_;
using engine::WhenDraining;

namespace {

WallTime wall_now() {
    return Shard::current().kernel().wall_now();
}

}  // namespace

Recorder::Recorder(std::string directory, Keeping keeping, unsigned shard, Files& files)
    : directory_(std::move(directory)), keeping_(keeping), shard_(shard), files_(files) {}

void Recorder::note(Kind kind, Ids ids, std::span<const Field> fields, WallTime time) {
    if (buffer_.size() >= buffer_bytes_max) {
        ++lost_;
        return;
    }
    if (time == WallTime{}) time = wall_now();
    append_record(buffer_, kind, ids, time, fields);
    if (++buffered_ == 1) wake_.set();
    if (buffer_.size() >= eager_bytes && !eager_.is_set()) eager_.set();
}

bool Recorder::may_note_refusal() {
    const std::int64_t now_s = wall_now().unix_seconds();
    if (now_s != std::exchange(refusals_second_, now_s)) refusals_ = 0;
    if (++refusals_ <= refusals_per_second_max) return true;
    ++left_out_;
    return false;
}

// A table with one place for many messages: who is forgotten is noted again, and the search shows
// the first.
bool Recorder::is_first_look(std::uint64_t email_id, std::int64_t saved_s) {
    if (wall_now().unix_seconds() - saved_s > std::int64_t(keeping_.days) * 86'400) return false;
    if (looks_.empty()) looks_.resize(looks_remembered);
    return std::exchange(looks_[email_id % looks_remembered], email_id) != email_id;
}

task<void> Recorder::run() {
    const Duration interval = milliseconds(write_interval_ms);
    for (;;) {
        co_await expire();
        auto woken = co_await wake_.wait(next_expiry_, WhenDraining::ends);
        if (woken) {
            const MonotonicTime until = Shard::current().kernel().now() + interval;
            woken = co_await eager_.wait(until, WhenDraining::ends);
        }
        co_await flush();
        co_await finish_segment();
        if (!woken && woken.error().code == ErrorCode::cancelled) break;
    }
    auto guard = co_await mutex_.lock();
    file_.close_in_background();
}

task<void> Recorder::flush() {
    auto guard = co_await mutex_.lock();
    if (buffer_.empty()) co_return;
    const std::string bytes = std::exchange(buffer_, {});
    const std::uint64_t records = std::exchange(buffered_, 0);
    wake_.clear();
    eager_.clear();
    auto written = co_await write(&bytes);
    report(std::move(written), records);
}

// What could not be written is not tried again: it would only grow.
void Recorder::report(Result<void> written, std::uint64_t records) {
    if (!written) {
        lost_ += records;
        if (!std::exchange(is_failing_, true)) {
            log::warning("timeline.not_written",
                         {{"directory", directory_}, {"error", written.error()}});
        }
        return;
    }
    if (std::exchange(is_failing_, false)) {
        log::info("timeline.written_again", {{"directory", directory_}, {"lost", lost_}});
    }
}

task<Result<void>> Recorder::write(const std::string* bytes) {
    const std::uint32_t day = day_of(wall_now());
    if (!file_.is_open() || day != name_.day || offset_ >= segment_bytes_max) {
        co_await try_(open_segment(day));
    }
    const std::uint64_t offset = offset_;
    co_await try_(engine::write_at(file_.fd(), *bytes, offset));
    offset_ += bytes->size();
    co_return {};
}

// How much of that segment an index of it covers; 0: there is none.
task<std::uint64_t> Recorder::bytes_indexed(std::string path) {
    auto work = [this, &path] {
        const Index index(index_path(path), files_);
        return index.is_good() ? index.covered() : 0;
    };
    co_return co_await engine::offload(work);
}

// The last one of the day that this shard began, by this process or an earlier one, while there is
// room in it. Not one that a power cut has made shorter than its index: what came behind would
// count as indexed, and not be found.
task<Result<void>> Recorder::open_segment(std::uint32_t day) {
    if (file_.is_open()) {
        finished_ = directory_ + '/' + format_segment_name(name_);
        file_.close_in_background();
    }
    SegmentName name{day, shard_, day == name_.day ? name_.number : 0};
    std::string path;
    for (;; ++name.number) {
        path = directory_ + '/' + format_segment_name(name);
        auto status = co_await engine::stat_file(path);
        offset_ = status ? status->size_bytes : 0;
        if (!status && status.error().code != ErrorCode::not_found)
            co_return Failure(status.error());
        if (offset_ >= segment_bytes_max) continue;
        const std::uint64_t indexed = co_await bytes_indexed(path);
        if (indexed <= offset_) break;
    }
    file_ = co_await try_(engine::open_file(std::move(path), O_WRONLY | O_CREAT));
    name_ = name;
    co_return {};
}

task<void> Recorder::finish_segment() {
    const std::string path = std::exchange(finished_, {});
    if (path.empty()) co_return;
    auto work = [this, path] { return index_segment(path, files_); };
    auto made = co_await engine::offload(work);
    if (!made) log::warning("timeline.not_indexed", {{"segment", path}, {"error", made.error()}});
    next_expiry_ = {};
}

// Whichever shard it is: each looks at all segments, and removing one twice does nothing.
task<void> Recorder::expire() {
    if (Shard::current().now() < next_expiry_) co_return;
    next_expiry_ = Shard::current().now() + seconds(expiry_interval_s);
    const WallTime now = wall_now();
    auto work = [this, now] { remove_expired(directory_, keeping_, now, files_); };
    co_await engine::offload(work);
}

}  // namespace postern::timeline
