// The journal of a shard; see journal.hpp.
#include "store/journal.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/limits.hpp"
#include "store/little_endian.hpp"
#include "store/random.hpp"
#include "store/test_faults.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

constexpr std::string_view padding("\0\0\0\0\0\0\0", 7);

std::size_t padding_after(std::size_t payload_bytes) {
    return journal_record_bytes(payload_bytes) - journal_header_bytes - payload_bytes;
}

}  // namespace

void Journal::use(std::string data_directory, std::string prefix, std::size_t file_bytes) {
    data_directory_ = std::move(data_directory);
    prefix_ = std::move(prefix);
    file_bytes_ = file_bytes;
}

std::string Journal::path(unsigned which) const {
    return prefix_ + (which == 0 ? "-a" : "-b");
}

bool Journal::takes(std::size_t content_bytes) {
    if (state_ == State::unused && !prefix_.empty()) {
        state_ = State::preparing;
        engine::Shard::current().root().spawn(prepare());
    }
    return state_ == State::ready && content_bytes + journal_names_bytes_max <= file_bytes_ / 2;
}

bool Journal::takes_pair(std::size_t content_bytes) {
    return takes(content_bytes) && has_room_;
}

void Journal::look_for_room() {
    const std::uint64_t free = engine::Shard::current().kernel().free_bytes(files_[0].fd());
    has_room_ = free / journal_room_factor >= file_bytes_;
}

task<void> Journal::prepare() {
    auto opened = co_await open_files();
    if (state_ == State::closed) {
        for (engine::File& file : files_) file.close_in_background();
        co_return;
    }
    state_ = opened ? State::ready : State::unusable;
    if (opened) {
        epoch_ = random64();
        sequence_ = random64() >> 1;
        look_for_room();
        co_return;
    }
    log::info("store.no_journal", {{"error", opened.error()}});
    for (unsigned i = 0; i < files_.size(); ++i) {
        files_[i].close_in_background();
        auto removed = co_await engine::unlink_file(path(i));
        static_cast<void>(removed);
    }
}

// All blocks are written once, so that writing them again changes nothing but their content.
task<Result<void>> Journal::open_files() {
    for (unsigned i = 0; i < files_.size(); ++i) {
        auto status = co_await engine::stat_file(path(i));
        const bool is_there = status && status->size_bytes == file_bytes_;
        const int flags = is_there ? O_RDWR : O_RDWR | O_CREAT | O_TRUNC;
        files_[i] = co_await try_(engine::open_file(path(i), flags));
        if (is_there) continue;
        const std::string zeros(std::min(file_bytes_, journal_piece_bytes), '\0');
        for (std::size_t at = 0; at < file_bytes_; at += zeros.size()) {
            const auto piece = std::string_view(zeros).substr(0, file_bytes_ - at);
            co_await try_(engine::write_at(files_[i].fd(), piece, at));
        }
        co_await try_(engine::sync_file(files_[i].fd()));
    }
    co_await try_(engine::sync_directory(prefix_.substr(0, prefix_.rfind('/'))));
    co_return co_await engine::sync_file_system(files_[0].fd());
}

std::string_view Journal::below(std::string_view path) const {
    return path.substr(data_directory_.size() + 1);
}

task<Result<Journal::Entry>> Journal::record(std::string path, std::string_view content) {
    const auto name_at = path.rfind('/', path.rfind('/') - 1) + 1;
    const std::string_view directory = std::string_view(path).substr(0, name_at - 1);
    Waiting item;
    item.head = format_journal_message(below(directory), std::string_view(path).substr(name_at));
    item.content = content;
    co_await try_(append(&item));
    co_return item.entry;
}

task<Result<Journal::Entry>> Journal::record_pair(std::string beside_path, std::string_view beside,
                                                  std::string path, std::string_view content) {
    Waiting item;
    item.kind = JournalKind::pair;
    item.head = format_journal_pair(below(beside_path), beside, below(path));
    item.content = content;
    co_await try_(append(&item));
    co_return item.entry;
}

task<Result<void>> Journal::cancel(std::vector<std::uint64_t> sequences) {
    constexpr std::size_t sequences_max = 512;  // of one record
    while (!sequences.empty()) {
        Waiting item;
        item.kind = JournalKind::cancel;
        for (std::size_t i = 0; i < sequences_max && !sequences.empty(); ++i) {
            put_little(item.head, sequences.back());
            sequences.pop_back();
        }
        co_await try_(append(&item));
    }
    co_return {};
}

// The mutex is first come, first served, and so are those who wait: the one who gets it writes for
// itself and for as many as have come behind it.
task<Result<void>> Journal::append(Waiting* item) {
    if (state_ != State::ready) co_return fail_internal(ErrorCode::unsupported, "no journal");
    waiting_.push_back(item);
    if (waiting_.size() >= gather_count_) gathered_.set();
    engine::Mutex::Guard guard = co_await try_(append_mutex_.lock());
    if (!item->is_done) {
        co_await gather();
        auto written = co_await write_group();
        if (!written && !item->is_done) {
            waiting_.pop_front();
            co_return written;
        }
    }
    co_return item->outcome;
}

// Who has been answered hands in the next message a moment later. With a slow disk it pays to wait
// for them: else they miss the flush, wait for two, and each flush serves half of all.
task<void> Journal::gather() {
    engine::Kernel& kernel = engine::Shard::current().kernel();
    while (waiting_.size() < gather_count_ && kernel.now() < gather_until_) {
        gathered_.clear();
        auto waited = co_await gathered_.wait(gather_until_, engine::WhenDraining::ends);
        if (!waited) break;
    }
    gather_count_ = 0;
}

void Journal::expect_again(const std::vector<Waiting*>& group, Duration took) {
    if (took < milliseconds(journal_slow_flush_ms)) return;
    const auto is_awaited = [](const Waiting* item) { return item->kind != JournalKind::cancel; };
    gather_count_ = waiting_.size() + std::size_t(std::ranges::count_if(group, is_awaited));
    gather_until_ =
        engine::Shard::current().kernel().now() +
        std::min(nanoseconds(took.ns / journal_gather_share), milliseconds(journal_gather_ms_max));
}

std::vector<Journal::Waiting*> Journal::take_group() {
    std::vector<Waiting*> group;
    std::size_t bytes = 0;
    while (!waiting_.empty()) {
        Waiting* next = waiting_.front();
        bytes += journal_record_bytes(next->payload_bytes());
        if (end_ + bytes > file_bytes_) break;
        if (bytes > journal_group_bytes_max && !group.empty()) break;
        waiting_.pop_front();
        group.push_back(next);
    }
    return group;
}

task<Result<void>> Journal::write_group() {
    if (state_ != State::ready) co_return fail_internal(ErrorCode::unsupported, "no journal");
    if (is_damaged_) co_await try_(begin_next_file());
    Waiting voids;
    voids.kind = JournalKind::cancel;
    if (!void_.empty()) {
        for (std::uint64_t sequence : void_) put_little(voids.head, sequence);
        waiting_.push_front(&voids);
    }
    std::vector<Waiting*> group = take_group();
    if (group.empty()) {
        auto begun = co_await begin_next_file();
        if (begun) group = take_group();
        if (group.empty()) {
            if (!void_.empty()) std::erase(waiting_, &voids);
            co_return begun ? fail_internal(ErrorCode::exhausted, "journal full") : begun;
        }
    }
    const MonotonicTime begun = engine::Shard::current().kernel().now();
    auto written = co_await write_durably(&group);
    expect_again(group, engine::Shard::current().kernel().now() - begun);
    is_damaged_ = !written;
    for (Waiting* item : group) {
        item->is_done = true;
        item->outcome = written;
        if (item->kind == JournalKind::cancel) continue;
        if (written) {
            ++placing(generation_);
        } else {
            void_.push_back(item->entry.sequence);
        }
    }
    if (written && voids.is_done) void_.clear();
    co_return {};
}

task<Result<void>> Journal::write_durably(const std::vector<Waiting*>* group) {
    std::vector<std::string_view> slices;
    std::size_t bytes = 0;
    for (Waiting* item : *group) {
        item->entry = {++sequence_, generation_};
        item->header =
            format_journal_header(item->kind, epoch_, sequence_, item->head, item->content);
        const std::size_t payload_bytes = item->payload_bytes();
        for (std::string_view slice :
             {std::string_view(item->header), std::string_view(item->head), item->content,
              padding.substr(0, padding_after(payload_bytes))}) {
            if (!slice.empty()) slices.push_back(slice);
        }
        bytes += journal_record_bytes(payload_bytes);
    }
    const int fd = files_[generation_ % 2].fd();
    co_await try_(engine::write_all_at(fd, std::move(slices), end_));
    if (!test_faults.skip_journal_sync) {
        co_await try_(engine::sync_file(fd, engine::SyncWhat::data));
    }
    end_ += bytes;
    co_return {};
}

// Waits until the other file is free: a flush of the file system at most, unless that fails.
task<Result<void>> Journal::begin_next_file() {
    for (;;) {
        if (state_ != State::ready) co_return fail_internal(ErrorCode::exhausted, "no journal");
        if (oldest_live_ == generation_) break;
        if (!is_checkpointing_) begin_checkpoint(generation_ - 1);
        if (is_doubtful_ || is_delayed_) {
            co_return fail_internal(ErrorCode::exhausted, "journal full");
        }
        freed_.clear();
        co_await freed_.wait(never, engine::WhenDraining::settles);
    }
    begin_checkpoint(generation_);
    ++generation_;
    epoch_ = random64();
    look_for_room();
    end_ = 0;
    is_damaged_ = false;
    co_return {};
}

void Journal::begin_checkpoint(std::uint64_t generation) {
    is_checkpointing_ = true;
    if (placing(generation) > 0 && tell_) tell_(generation);
    engine::Shard::current().root().spawn(checkpoint(generation));
}

void Journal::placed(const Entry& entry) {
    if (--placing(entry.generation) == 0) placed_.set();
}

void Journal::delay() {
    is_delayed_ = true;
    freed_.set();
}

// Of a generation that is full.
task<void> Journal::checkpoint(std::uint64_t generation) {
    while (placing(generation) > 0 && state_ == State::ready) {
        placed_.clear();
        co_await placed_.wait(never, engine::WhenDraining::settles);
    }
    is_delayed_ = false;
    while (placing(generation) == 0) {
        auto settled = co_await settle();
        // Who takes one of its messages away from now on does not say so here.
        if (settled) settled = co_await forget_records(files_[generation % 2].fd());
        if (settled) {
            oldest_live_ = generation + 1;
            break;
        }
        log::warning("store.checkpoint_failed", {{"error", settled.error()}});
        freed_.set();
        auto slept = co_await engine::sleep_until(engine::Shard::current().kernel().now() +
                                                  milliseconds(journal_retry_ms));
        if (!slept || state_ != State::ready) break;
    }
    is_checkpointing_ = false;
    freed_.set();
    ended_.set();
}

task<Result<void>> Journal::settle() {
    if (!files_[0].is_open() || state_ == State::preparing) co_return {};
    const std::uint64_t begun_before = flushes_begun_;
    engine::Mutex::Guard guard = co_await try_(settle_mutex_.lock());
    if (last_good_flush_ > begun_before) co_return {};
    if (is_doubtful_) co_await try_(rewrite());
    if (test_faults.skip_checkpoint) co_return {};
    const std::uint64_t number = ++flushes_begun_;
    auto synced = co_await engine::sync_file_system(files_[0].fd());
    is_doubtful_ = !synced;
    if (synced) last_good_flush_ = number;
    co_return synced;
}

task<Result<void>> Journal::rewrite() {
    std::vector<std::string> paths;
    for (unsigned i = 0; i < files_.size(); ++i) paths.push_back(path(i));
    auto written = co_await replay_journal(data_directory_, &paths, Replay::present);
    if (!written) co_return Failure(written.error());
    co_return {};
}

task<void> Journal::close() {
    const State before = std::exchange(state_, State::closed);
    if (before != State::ready) co_return;
    placed_.set();
    freed_.set();
    auto last_group = co_await append_mutex_.lock();
    while (is_checkpointing_) {
        ended_.clear();
        co_await ended_.wait(never, engine::WhenDraining::settles);
    }
    auto done = co_await settle();
    // The older one first: the other may cancel what is in it.
    for (const std::uint64_t generation : {generation_ + 1, generation_}) {
        if (!done || placing(generation) > 0) break;
        done = co_await forget_records(files_[generation % 2].fd());
    }
    if (!done) log::warning("store.checkpoint_failed", {{"error", done.error()}});
    for (engine::File& file : files_) file.close_in_background();
}

}  // namespace postern::store
