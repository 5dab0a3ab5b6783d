// What a mailbox has to do with the journal (journal.hpp): small messages come in by it, and until
// its records are settled, whatever takes them away or moves them must say so there.
#include "base/hex.hpp"
#include "store/background.hpp"
#include "store/maildir_mailbox.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

void MaildirMailbox::end_recording() {
    if (--recording_ == 0) recorded_.set();
}

// A message that has been recorded gets its file. On failure it has been rolled back.
task<Result<void>> MaildirMailbox::place(std::uint32_t uid, Journal::Entry entry, std::string path,
                                         std::shared_ptr<const std::string> content) {
    while (!journaled_.empty() && !journal_->is_live(journaled_.begin()->second)) {
        journaled_.erase(journaled_.begin());
    }
    journaled_[uid] = entry;
    auto made = co_await engine::write_file(std::move(path), *content);
    journal_->placed(entry);
    if (made && gone_) made = fail_request(ErrorCode::not_found, "mailbox deleted");
    if (!made) co_await rollback(uid);
    co_return made;
}

// Nothing: it could not be recorded, and may be brought in otherwise.
task<std::optional<Result<void>>> MaildirMailbox::bring_in_by_journal(
    std::uint32_t uid, std::shared_ptr<const std::string> content) {
    std::optional<Result<void>> placed;
    ++recording_;
    std::string path = path_of(pending(uid).record);
    auto recorded = co_await journal_->record(path, *content);
    if (recorded) placed = co_await place(uid, *recorded, std::move(path), std::move(content));
    end_recording();
    co_return placed;
}

// By the journal where that is possible, else by the spool. On failure the message has been rolled
// back.
task<Result<void>> MaildirMailbox::bring_in(std::uint32_t uid, SpooledFile file) {
    if (file.content == nullptr) co_return co_await link_and_sync(uid, std::move(file.path));
    if (journal_ != nullptr && !journal_is_held_ && journal_->takes(file.content->size())) {
        auto placed = co_await bring_in_by_journal(uid, file.content);
        if (placed) co_return *placed;
    }
    // Several mailboxes may do this at a time.
    file.path += '-' + format_hex(state_.tag(), 8) + '-' + std::to_string(uid);
    auto made = co_await engine::create_file(file.path, *file.content);
    if (made) {
        made = co_await link_and_sync(uid, file.path);
    } else {
        co_await rollback(uid);
    }
    unlink_in_background(std::move(file.path));
    co_return made;
}

task<Result<void>> MaildirMailbox::leave_journal() {
    while (recording_ > 0) {
        recorded_.clear();
        co_await recorded_.wait(never, engine::WhenDraining::settles);
    }
    co_await try_(settle_journal());
    std::vector<std::uint64_t> recorded = live_records();
    if (!recorded.empty()) co_await try_(journal_->cancel(std::move(recorded)));
    journaled_.clear();
    co_return {};
}

std::vector<std::uint64_t> MaildirMailbox::live_records() const {
    std::vector<std::uint64_t> live;
    for (const auto& [uid, entry] : journaled_) {
        if (journal_->is_live(entry)) live.push_back(entry.sequence);
    }
    return live;
}

std::vector<std::uint64_t> MaildirMailbox::live_records(
    const std::vector<std::uint32_t>& uids) const {
    std::vector<std::uint64_t> live;
    for (std::uint32_t uid : uids) {
        auto known = journaled_.find(uid);
        if (known == journaled_.end() || !journal_->is_live(known->second)) continue;
        live.push_back(known->second.sequence);
    }
    return live;
}

// No file of the mailbox depends on the journal any more, apart from what is still to come.
task<Result<void>> MaildirMailbox::settle_journal() {
    if (live_records().empty()) co_return {};
    co_return co_await journal_->settle();
}

// A message that the journal could bring back must not come back, and what is kept of it depends on
// the journal too.
task<Result<void>> MaildirMailbox::sync_removal(const std::vector<std::uint32_t>& removed,
                                                bool fresh, bool cur) {
    std::vector<std::uint64_t> recorded = live_records(removed);
    if (recorded.empty()) co_return co_await sync_places(fresh, cur);
    co_await try_(journal_->settle());
    co_return co_await journal_->cancel(std::move(recorded));
}

}  // namespace postern::store
