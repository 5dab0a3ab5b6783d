// Opening a mailbox; see maildir_mailbox.hpp. What is missing or damaged beside the messages is
// made again from them and said in the log; only a directory that cannot be read or written fails.
#include <fcntl.h>

#include <algorithm>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/facts_file.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/random.hpp"
#include "store/second_home.hpp"
#include "store/stored_facts.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

constexpr std::uint64_t index_piece_bytes = 1024 * 1024;  // read at once

}  // namespace

MaildirMailbox::MaildirMailbox(std::string name, std::string directory, DirectorySync* sync)
    : name_(std::move(name)), directory_(std::move(directory)), sync_(sync) {}

MaildirMailbox::~MaildirMailbox() {
    if (watched_ && watch_->is_running()) watch_->remove(this);
}

task<Result<void>> MaildirMailbox::load(UidValiditySource* source) {
    co_await try_(load_state(source));
    co_await try_(load_keywords());
    co_await try_(load_index());
    co_await try_(load_uidls(source));
    co_await try_(load_dovecot(source));
    bool is_complete = co_await try_(load_without_listing());
    Result<void> scanned;
    if (!is_complete) scanned = co_await scan(ScanKind::load);
    if (!scanned && scanned.error().code == ErrorCode::not_found) {
        co_await try_(ensure_directories());
        scanned = co_await scan(ScanKind::load);
    }
    co_await try_(std::move(scanned));
    if (!index_is_current_) distrust_modseqs();
    co_await load_facts_file();
    if (state_file_is_lost_) co_await try_(write_state(state_));
    if (state_is_new_ || modseq_ > state_.modseq) co_await try_(reserve(0));
    if (dovecot_ != nullptr) co_await put_dovecot_aside();
    if (index_bytes_ == 0 || !log_.empty()) schedule_flush();
    co_return Result<void>{};
}

task<Result<void>> MaildirMailbox::ensure_directories() {
    for (const char* part : {"cur", "new", "tmp"}) {
        std::string path = path_in(part);
        co_await try_(engine::make_directories(path));
    }
    co_return Result<void>{};
}

// The file first; where it is gone or damaged, what the directory's attribute says.
task<Result<void>> MaildirMailbox::read_state() {
    auto text = co_await engine::read_file(path_in(mailbox_state_file), small_file_bytes_max);
    if (!text && text.error().code != ErrorCode::not_found) co_return Failure(text.error());
    auto state = parse_mailbox_state(text ? *text : std::string());
    if (text && !state) log::warning("store.state_damaged", {{"mailbox", directory_}});
    if (!state) {
        std::string kept = co_await try_(read_attribute(directory_, mailbox_state_attribute));
        state = parse_mailbox_state(kept);
        state_file_is_lost_ = state.has_value();
    }
    state_is_new_ = !state;
    if (state) state_ = *state;
    co_return Result<void>{};
}

task<Result<void>> MaildirMailbox::load_state(UidValiditySource* source) {
    co_await try_(read_state());
    if (state_file_is_lost_) log::warning("store.state_restored", {{"mailbox", directory_}});
    if (state_is_new_) {
        state_ = MailboxState{};
        state_.mailbox_id = random64();
        state_.uid_validity = co_await try_(source->next_uid_validity());
    }
    uid_next_ = state_.uid_next;
    modseq_ = state_.modseq;
    co_return Result<void>{};
}

task<Result<void>> MaildirMailbox::load_keywords() {
    auto text = co_await engine::read_file(path_in(keywords_file), small_file_bytes_max);
    const bool is_lost = !text;
    if (is_lost && text.error().code != ErrorCode::not_found) co_return Failure(text.error());
    if (is_lost) text = co_await try_(read_attribute(directory_, keywords_attribute));
    keywords_ = KeywordTable::parse(*text);
    keywords_are_unsaved_ = is_lost && !keywords_.names().empty();
    co_return Result<void>{};
}

// In pieces: the index of a million messages is 60 MB.
task<Result<IndexContents>> MaildirMailbox::read_index(std::uint64_t* bytes) {
    auto status = co_await try_(engine::stat_file(path_in(index_file)));
    *bytes = status.size_bytes;
    if (status.size_bytes > index_file_bytes_max) {
        co_return fail_internal(ErrorCode::corrupt, "index too big");
    }
    engine::File file = co_await try_(engine::open_file(path_in(index_file), O_RDONLY));
    IndexReader reader(status.size_bytes);
    std::string piece(std::min<std::uint64_t>(status.size_bytes, index_piece_bytes), '\0');
    for (std::uint64_t offset = 0; offset < status.size_bytes && reader.goes_on();) {
        std::size_t count = co_await try_(engine::read_at(file.fd(), piece, offset));
        if (count == 0) break;
        reader.take(std::string_view(piece).substr(0, count));
        offset += count;
    }
    co_return reader.finish();
}

task<Result<void>> MaildirMailbox::load_index() {
    std::uint64_t bytes = 0;
    auto contents = co_await read_index(&bytes);
    if (!contents && contents.error().code == ErrorCode::not_found) co_return Result<void>{};
    IndexHeader expected{state_.uid_validity, state_.tag()};
    if (!contents || contents->header != expected) {
        log::warning("store.index_rebuilt",
                     {{"mailbox", directory_},
                      {"reason", contents ? "of another mailbox" : contents.error().what}});
        co_return Result<void>{};
    }
    table_ = std::move(contents->table);
    vanished_ = std::move(contents->memory.vanished);
    indexed_uid_next_ = contents->memory.uid_next;
    index_is_current_ = contents->memory.highest_modseq == modseq_;
    modseq_ = std::max(modseq_, contents->memory.highest_modseq);
    if (contents->valid_bytes < bytes) {
        log::warning("store.index_torn", {{"mailbox", directory_},
                                          {"good_bytes", std::uint64_t{contents->valid_bytes}},
                                          {"bytes", bytes}});
        co_return Result<void>{};
    }
    indexed_directories_ = contents->directories;
    index_bytes_ = checkpoint_bytes_ = bytes;
    log_ = IndexEncoder(contents->chain);
    co_return Result<void>{};
}

// After an orderly end nothing is to be found in directories that have not changed since.
task<Result<bool>> MaildirMailbox::load_without_listing() {
    auto fresh = co_await engine::stat_file(path_in("new"));
    auto cur = co_await engine::stat_file(path_in("cur"));
    if (!fresh || !cur) co_return false;
    remember_times(fresh->modified_ns, cur->modified_ns);
    if (!indexed_directories_ || !index_is_current_ || state_is_new_) co_return false;
    DirectoryTimes times{fresh->modified_ns, cur->modified_ns};
    if (dovecot_ != nullptr || *indexed_directories_ != times) co_return false;
    fresh_modified_ns_ = fresh->modified_ns;
    cur_modified_ns_ = cur->modified_ns;
    std::uint64_t keywords = 0;
    for (Record& record : table_.records()) {
        record.recent = record.place == Place::fresh;
        keywords |= record.keywords;
        if (name_flags(record.flags()) != record.disk_flags) queue_rename(record);
    }
    extend_keywords(keywords);
    uid_next_ = std::max(uid_next_, table_.last_uid() + 1);
    co_return true;
}

// After anything but an orderly end clients may have been told of flags that did not reach the
// disk, and of messages that came and went behind the index: all counts as changed now, and what
// may have been there as gone. Without an index nothing is known of expunges (RFC 7162 §3.2.6). An
// expunge that failed on the way may have come undone.
void MaildirMailbox::distrust_modseqs() {
    std::uint64_t known_until = modseq_;
    if (indexed_uid_next_ == 1) vanished_.forget_until(known_until);
    if (table_.size() == 0 && uid_next_ == indexed_uid_next_) return;
    std::uint64_t modseq = next_modseq();
    for (Record& record : table_.records()) record.modseq = modseq;
    index_bytes_ = 0;
    if (indexed_uid_next_ == 1) return;
    std::uint32_t free_from = indexed_uid_next_;
    for (std::size_t i = table_.lower_bound(free_from); i < table_.size(); ++i) {
        std::uint32_t uid = table_.records()[i].uid;
        if (uid > free_from) vanished_.add(UidRange{free_from, uid - 1}, modseq);
        free_from = uid + 1;
    }
    if (free_from < uid_next_) vanished_.add(UidRange{free_from, uid_next_ - 1}, modseq);
    mend_memory();
}

// Power that went may have taken the end of the facts, which nobody syncs, and left the index: what
// is appended next would lie where the index looks for others.
task<void> MaildirMailbox::forget_lost_facts(int facts_fd, std::uint64_t size_bytes) {
    Record* last = nullptr;
    bool any = false;
    for (Record& record : table_.records()) {
        if (record.facts == 0) continue;
        if (std::uint64_t{record.facts} * 8 >= size_bytes) {
            record.facts = 0;
            any = true;
        } else if (last == nullptr || record.facts > last->facts) {
            last = &record;
        }
    }
    if (last != nullptr && !index_is_current_) {
        const std::uint64_t offset = std::uint64_t{last->facts} * 8;
        auto whole = co_await read_facts_record(facts_fd, last->uid, offset);
        if (!whole) {
            last->facts = 0;
            any = true;
        }
    }
    if (any) index_bytes_ = 0;
}

// Facts are believed record by record when they are read; here only where to append.
task<void> MaildirMailbox::load_facts_file() {
    auto status = co_await engine::stat_file(path_in(facts_file));
    std::string header(facts_header_bytes, '\0');
    if (status && status->size_bytes >= facts_header_bytes) {
        auto file = co_await engine::open_file(path_in(facts_file), O_RDONLY);
        if (file) {
            auto count = co_await engine::read_at(file->fd(), header, 0);
            if (count && is_facts_header(header, state_.uid_validity)) {
                facts_bytes_ = (status->size_bytes + 7) / 8 * 8;
                co_await forget_lost_facts(file->fd(), status->size_bytes);
            }
        }
    }
    if (facts_bytes_ == 0) forget_facts();
}

}  // namespace postern::store
