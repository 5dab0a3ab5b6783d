// Flags and keywords, and their way into file names; see maildir_mailbox.hpp. A change is in memory
// and in the index log when it is answered; file names follow in batches, so that a client that
// sets and clears flags does not rename a file each time. RFC 9051 §2.3.2, §6.4.6.
#include <algorithm>

#include "base/ascii.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// Renames done before others may have the files.
constexpr std::size_t rename_batch_size = 64;

}  // namespace

std::vector<std::string> MaildirMailbox::flag_names(const FlagSet& flags) const {
    std::vector<std::string> names;
    for (std::uint8_t bit :
         {flag::answered, flag::flagged, flag::deleted, flag::seen, flag::draft, flag::forwarded}) {
        if (flags.has(bit)) names.emplace_back(system_flag_name(bit));
    }
    for (std::size_t i = 0; i < keywords_.names().size(); ++i) {
        if (flags.keywords >> i & 1) names.push_back(keywords_.names()[i]);
    }
    return names;
}

std::vector<std::string> MaildirMailbox::all_flag_names() const {
    std::uint64_t all = (1ull << keywords_.names().size()) - 1;
    FlagSet everything{flag::all, all};
    return flag_names(everything);
}

bool MaildirMailbox::may_create_keywords() const {
    return !keywords_.full();
}

task<Result<FlagSet>> MaildirMailbox::resolve_flags(std::vector<std::string> names,
                                                    UnknownKeywords unknown) {
    FlagSet flags;
    for (const std::string& name : names) {
        if (std::uint8_t bit = system_flag(name); bit != 0) {
            flags.system |= bit;
            continue;
        }
        if (iequals(name, "\\Recent")) continue;
        if (!is_keyword(name)) co_return fail_syntax("bad flag");
        if (!keywords_.find(name) && unknown == UnknownKeywords::create) {
            co_await try_(add_keyword(name));
        }
        if (auto known = keywords_.find(name)) flags.keywords |= 1ull << *known;
    }
    co_return flags;
}

// Durable first: a letter in a file name must never lose its meaning.
task<Result<void>> MaildirMailbox::add_keyword(std::string name) {
    engine::Mutex::Guard guard = co_await try_(keywords_mutex_.lock());
    if (keywords_.find(name)) co_return Result<void>{};
    if (keywords_.full()) co_return fail_request(ErrorCode::limit, "too many keywords");
    KeywordTable next = keywords_;
    next.add(name);
    co_await try_(write_keywords(&next));
    // A scan may have found letters meanwhile; they were beyond the table then and are now.
    if (next.names().size() > keywords_.names().size()) keywords_ = std::move(next);
    co_return Result<void>{};
}

// Names that were made up for letters that a scan has found.
task<Result<void>> MaildirMailbox::save_keywords() {
    if (!keywords_are_unsaved_) co_return Result<void>{};
    engine::Mutex::Guard guard = co_await try_(keywords_mutex_.lock());
    keywords_are_unsaved_ = false;
    KeywordTable table = keywords_;
    auto written = co_await write_keywords(&table);
    if (!written) keywords_are_unsaved_ = true;
    co_return written;
}

// A table that is too long for its second home stays there as it was when it was not: its first
// keywords are the same for ever.
task<Result<void>> MaildirMailbox::write_keywords(const KeywordTable* table) {
    std::string text = table->format();
    if (text.size() <= attribute_bytes_max) co_await keep_attribute(keywords_attribute, text);
    co_return co_await engine::replace_file(path_in(keywords_file), std::move(text));
}

// RFC 9051 §6.4.6
task<Result<std::vector<std::uint32_t>>> MaildirMailbox::set_flags(std::vector<std::uint32_t> uids,
                                                                   FlagChange change, FlagSet flags,
                                                                   const View* actor) {
    ConditionalChange changed =
        co_await try_(set_flags_if_unchanged(std::move(uids), change, flags, actor, UINT64_MAX));
    co_return std::move(changed.looked_at);
}

// RFC 7162 §3.1.3: looking and changing happen at one moment. §3.1.11: a flag that is set already
// changes nothing.
task<Result<ConditionalChange>> MaildirMailbox::set_flags_if_unchanged(
    std::vector<std::uint32_t> uids, FlagChange change, FlagSet flags, const View* actor,
    std::uint64_t unchanged_since) {
    if (gone_) co_return fail_request(ErrorCode::not_found, "mailbox deleted");
    co_await try_(reserve(0));
    std::sort(uids.begin(), uids.end());
    uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
    ConditionalChange result;
    std::uint64_t modseq = 0;
    for (std::uint32_t uid : uids) {
        Record* record = table_.find(uid);
        if (record == nullptr) continue;
        if (record->modseq > unchanged_since) {
            result.modified.push_back(uid);
            continue;
        }
        result.looked_at.push_back(uid);
        FlagSet after = apply_change(record->flags(), change, flags);
        if (after == record->flags()) continue;
        if (modseq == 0) modseq = next_modseq();
        record->system = after.system;
        record->keywords = after.keywords;
        record->modseq = modseq;
        log_.flags(*record);
        queue_rename(*record);
        for (View* view : views_) {
            if (view != actor) view->note_flags(uid);
        }
    }
    if (modseq != 0) publish(AccountEvent::flags_changed);
    if (modseq != 0) co_await flush_index();
    co_return result;
}

void MaildirMailbox::queue_rename(Record& record) {
    if (record.rename_queued) return;
    record.rename_queued = true;
    rename_queue_.push_back(record.uid);
    schedule_flush();
}

task<Result<void>> MaildirMailbox::flush_names() {
    while (!rename_queue_.empty() && !gone_) co_await try_(rename_batch());
    // A batch of another flush may still be at work: what it has renamed by then counts too.
    co_await try_(files_mutex_.lock());
    if (renames_ == renames_synced_) co_return Result<void>{};
    const std::uint64_t done = renames_;
    co_await try_(sync_places(true, true));
    renames_synced_ = std::max(renames_synced_, done);
    co_return Result<void>{};
}

task<Result<void>> MaildirMailbox::rename_batch() {
    engine::Mutex::Guard guard = co_await try_(files_mutex_.lock());
    std::size_t count = std::min(rename_batch_size, rename_queue_.size());
    std::vector<std::uint32_t> batch(rename_queue_.begin(),
                                     rename_queue_.begin() + static_cast<std::ptrdiff_t>(count));
    rename_queue_.erase(rename_queue_.begin(),
                        rename_queue_.begin() + static_cast<std::ptrdiff_t>(count));
    Result<void> outcome;
    for (std::uint32_t uid : batch) {
        if (Record* record = table_.find(uid)) record->rename_queued = false;
        auto renamed = co_await bring_name_up_to_date(uid);
        if (renamed) continue;
        outcome = renamed;
        Record* record = table_.find(uid);  // the next flush tries again
        if (record == nullptr || record->rename_queued) continue;
        record->rename_queued = true;
        rename_queue_.push_back(uid);
    }
    co_return outcome;
}

// A message that nobody has been told of stays in new/.
task<Result<void>> MaildirMailbox::bring_name_up_to_date(std::uint32_t uid) {
    const Record* before = table_.find(uid);
    if (before == nullptr) co_return Result<void>{};
    Record wanted = *before;
    wanted.disk_flags = name_flags(wanted.flags());
    if (wanted.disk_flags != 0 || !wanted.recent) wanted.place = Place::cur;
    if (wanted.disk_flags == before->disk_flags && wanted.place == before->place) {
        co_return Result<void>{};
    }
    auto moved = co_await engine::rename_file(path_of(*before), path_of(wanted));
    if (!moved) {
        if (moved.error().code != ErrorCode::not_found) co_return Failure(moved.error());
        rescan_due_ = true;
        co_return Result<void>{};
    }
    ++renames_;
    Record* record = table_.find(uid);
    record->disk_flags = wanted.disk_flags;
    record->place = wanted.place;
    log_.flags(*record);
    co_return Result<void>{};
}

}  // namespace postern::store
