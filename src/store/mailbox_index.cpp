// What is written beside the messages: reserved UIDs, the index log, the facts; see
// maildir_mailbox.hpp, state_file.hpp, index_log.hpp and facts_file.hpp for the formats. Only the
// state file is a promise; trouble with the other two is logged, and the next write starts afresh.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/facts_file.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/test_faults.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

task<Result<void>> MaildirMailbox::write_state(MailboxState state) {
    std::string text = format_mailbox_state(state);
    co_await keep_attribute(mailbox_state_attribute, text);
    co_await try_(engine::replace_file(path_in(mailbox_state_file), std::move(text)));
    state_ = state;
    state_is_new_ = state_file_is_lost_ = false;
    co_return Result<void>{};
}

// The second home of a file, before the first: the flush of the directory that ends the writing of
// the file takes the attribute along. A file system may have no attributes, or no room for one.
task<void> MaildirMailbox::keep_attribute(const char* name, std::string value) {
    if (test_faults.forget_second_home) co_return;
    auto kept = co_await engine::set_attribute(directory_, name, std::move(value));
    if (kept || gone_ || kept.error().system_errno == EOPNOTSUPP) co_return;
    log::info("store.attribute_not_kept",
              {{"mailbox", directory_}, {"attribute", name}, {"error", kept.error()}});
}

void MaildirMailbox::schedule_flush() {
    if (flush_scheduled_ || gone_) return;
    flush_scheduled_ = true;
    auto self = std::static_pointer_cast<MaildirMailbox>(shared_from_this());
    engine::Shard::current().root().spawn(flush_later(std::move(self)));
}

// A shutdown that drains the shard ends the wait, not the work.
task<void> MaildirMailbox::flush_later(std::shared_ptr<MaildirMailbox> self) {
    MonotonicTime due = engine::Shard::current().now() + milliseconds(rename_delay_ms);
    auto slept = co_await engine::sleep_until(due);
    self->flush_scheduled_ = false;
    auto flushed = co_await self->flush();
    if (flushed || self->gone_) co_return;
    log::warning("store.flush_failed", {{"mailbox", self->directory_}, {"error", flushed.error()}});
    if (slept) self->schedule_flush();
}

task<Result<void>> MaildirMailbox::flush() {
    if (gone_) co_return Result<void>{};
    auto renamed = co_await flush_names();
    auto saved = co_await save_keywords();
    co_await flush_index();
    co_return renamed ? saved : renamed;
}

task<Result<void>> MaildirMailbox::close() {
    auto flushed = co_await flush();
    if (gone_) co_return Result<void>{};
    auto synced = co_await sync_index();
    if (flushed) flushed = synced;
    auto settled = co_await settle_journal();
    if (flushed) flushed = settled;
    co_await note_directories();
    engine::Mutex::Guard guard = co_await try_(state_mutex_.lock());
    if (state_is_new_ || (state_.uid_next == uid_next_ && state_.modseq == modseq_)) {
        co_return flushed;
    }
    // Nothing may be given out above these marks while they are on their way to the disk.
    state_.uid_next = uid_next_;
    state_.modseq = modseq_;
    co_await try_(write_state(state_));
    co_return flushed;
}

// The beginning of a log is as good as the whole of it to whoever reads it, so flags that were
// written late must not get lost behind earlier ones.
task<Result<void>> MaildirMailbox::sync_index() {
    if (index_bytes_ == 0 || !index_is_unsynced_) co_return Result<void>{};
    auto file = co_await try_(open_beside(index_file, O_WRONLY));
    co_await try_(engine::sync_file(file->fd()));
    index_is_unsynced_ = false;
    co_return Result<void>{};
}

task<void> MaildirMailbox::flush_index() {
    auto locked = co_await index_mutex_.lock();
    if (gone_) co_return;
    drop_old_facts();
    auto facts_written = co_await write_pending_facts();
    Result<void> written;
    std::size_t grown = index_bytes_ - std::min(index_bytes_, checkpoint_bytes_);
    if (index_bytes_ == 0 || grown > std::max(index_growth_bytes_max, checkpoint_bytes_)) {
        written = co_await write_checkpoint();
    } else if (!log_.empty()) {
        written = co_await append_index();
    }
    if (!facts_written) written = facts_written;
    if (!written && !gone_) {
        log::warning("store.index_not_written",
                     {{"mailbox", directory_}, {"error", written.error()}});
    }
}

// At an orderly end: the index has all that is in the directories. A change that is just being made
// might not show in their times, so recent ones are not believed.
task<void> MaildirMailbox::note_directories() {
    auto fresh = co_await engine::stat_file(path_in("new"));
    auto cur = co_await engine::stat_file(path_in("cur"));
    if (!fresh || !cur) co_return;
    DirectoryTimes times{fresh->modified_ns, cur->modified_ns};
    std::int64_t now_ns = engine::Shard::current().kernel().wall_now().ns;
    bool is_settled = pending_.empty() && rename_queue_.empty() && log_.empty() &&
                      index_bytes_ != 0 && !rescan_due_ &&
                      std::max(times.fresh_ns, times.cur_ns) + directory_settles_ns < now_ns;
    // And seen by us since they changed.
    bool is_ours = times == DirectoryTimes{fresh_modified_ns_, cur_modified_ns_};
    if (!is_settled || !is_ours) co_return;
    log_.directories(times);
    co_await flush_index();
}

task<Result<void>> MaildirMailbox::append_index() {
    std::string bytes = log_.take();
    std::size_t at = std::exchange(index_bytes_, 0);  // until it is known to be whole
    auto file = index_writer_;
    if (file == nullptr) file = co_await try_(open_beside(index_file, O_WRONLY));
    if (!views_.empty()) index_writer_ = file;
    co_await try_(engine::write_at(file->fd(), bytes, at));
    index_bytes_ = at + bytes.size();
    index_is_unsynced_ = true;
    co_return Result<void>{};
}

task<Result<std::shared_ptr<engine::File>>> MaildirMailbox::open_beside(const char* file,
                                                                        int flags) {
    engine::File opened = co_await try_(engine::open_file(path_in(file), flags));
    co_return std::make_shared<engine::File>(std::move(opened));
}

IndexMemory MaildirMailbox::memory() const {
    IndexMemory memory;
    memory.vanished = vanished_;
    memory.highest_modseq = modseq_;
    memory.uid_next = pending_.empty() ? uid_next_ : pending_.front().record.uid;
    return memory;
}

task<Result<void>> MaildirMailbox::note_annotation() {
    co_await try_(reserve(0));
    next_modseq();
    log_.memory(memory());
    co_await flush_index();
    co_return Result<void>{};
}

// What happens while it is written goes into the log behind it.
task<Result<void>> MaildirMailbox::write_checkpoint() {
    IndexHeader header{state_.uid_validity, state_.tag()};
    std::uint32_t chain = 0;
    std::string bytes = encode_checkpoint(header, table_, memory(), &chain);
    log_ = IndexEncoder(chain);
    std::size_t size = bytes.size();
    index_bytes_ = 0;
    index_writer_ = nullptr;
    co_await try_(engine::replace_file(path_in(index_file), std::move(bytes)));
    index_bytes_ = checkpoint_bytes_ = size;
    index_is_unsynced_ = false;
    co_return Result<void>{};
}

// Facts of messages that have gone stay in the file. When they are the most of it, it is begun anew
// and the others' facts are computed when somebody asks: less often than once for each one gone.
void MaildirMailbox::drop_old_facts() {
    if (facts_garbage_ < std::max(facts_garbage_messages, table_.size())) return;
    facts_garbage_ = 0;
    facts_bytes_ = 0;
    forget_facts();
}

// The log has no record that says so: it is written anew.
void MaildirMailbox::forget_facts() {
    bool any = false;
    for (Record& record : table_.records()) any = std::exchange(record.facts, 0) != 0 || any;
    if (any) index_bytes_ = 0;
}

task<Result<void>> MaildirMailbox::write_pending_facts() {
    if (pending_facts_.empty()) co_return Result<void>{};
    auto batch = std::exchange(pending_facts_, {});
    bool anew = facts_bytes_ == 0;
    std::string bytes = anew ? format_facts_header(state_.uid_validity) : std::string();
    std::uint64_t start = std::exchange(facts_bytes_, 0);  // until it is known to be whole
    std::vector<std::pair<std::uint32_t, std::uint32_t>> offsets;
    for (const auto& [uid, payload] : batch) {
        offsets.emplace_back(uid, static_cast<std::uint32_t>((start + bytes.size()) / 8));
        put_facts_record(bytes, uid, *payload);
    }
    int flags = anew ? O_WRONLY | O_CREAT | O_TRUNC : O_WRONLY;
    engine::File file = co_await try_(engine::open_file(path_in(facts_file), flags));
    co_await try_(engine::write_at(file.fd(), bytes, start));
    facts_bytes_ = start + bytes.size();
    if (anew) forget_facts();
    for (const auto& [uid, facts] : offsets) {
        Record* record = table_.find(uid);
        if (record == nullptr) continue;
        record->facts = facts;
        log_.facts(uid, facts);
    }
    co_return Result<void>{};
}

}  // namespace postern::store
