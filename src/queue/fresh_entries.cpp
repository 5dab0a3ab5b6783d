// See fresh_entries.hpp.
#include "queue/fresh_entries.hpp"

#include <utility>

#include "engine/shard.hpp"
#include "queue/test_faults.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;
using store::Journal;

namespace {

// On the journal's shard: nothing brings these back; what they are now stays.
task<Result<void>> cancel(Journal* journal, const std::vector<Journal::Entry>* records) {
    std::vector<std::uint64_t> live;
    for (const Journal::Entry& record : *records) {
        if (journal->is_live(record)) live.push_back(record.sequence);
    }
    if (live.empty() || test_faults.forget_cancel) co_return {};
    co_return co_await journal->cancel(std::move(live));
}

task<Result<void>> settle_and_cancel(Journal* journal, const std::vector<Journal::Entry>* records) {
    if (!journal->is_live(records->front())) co_return {};
    co_await try_(journal->settle());
    co_return co_await cancel(journal, records);
}

}  // namespace

std::shared_ptr<FreshEntries::Fresh> FreshEntries::find(EntryId id) const {
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : found->second;
}

void FreshEntries::tell_placed(unsigned shard, const std::vector<Journal::Entry>& records) {
    Journal* journal = &store_.journal(shard);
    auto tell = [journal, records] {
        for (const Journal::Entry& record : records) journal->placed(record);
    };
    engine::run_at(shard, std::move(tell));
}

bool FreshEntries::add(EntryId id, FreshEntry entry) {
    const bool is_wanted = entry.record.generation < journals_[entry.shard].wanted_before;
    auto fresh = std::make_shared<Fresh>();
    static_cast<FreshEntry&>(*fresh) = std::move(entry);
    entries_[id] = std::move(fresh);
    return is_wanted;
}

task<Result<StoredEntry>> FreshEntries::load(EntryId id) const {
    const auto fresh = find(id);
    if (fresh != nullptr && fresh->message != nullptr) co_return fresh->stored;
    co_return co_await files_.load(id);
}

std::shared_ptr<const std::string> FreshEntries::message(EntryId id) const {
    const auto fresh = find(id);
    return fresh == nullptr ? nullptr : fresh->message;
}

task<Result<void>> FreshEntries::place(EntryId id) {
    const auto fresh = find(id);
    if (fresh == nullptr) co_return {};
    engine::Mutex::Guard guard = co_await try_(fresh->placing.lock());
    if (fresh->message == nullptr) co_return {};
    if (!test_faults.forget_placing) {
        auto made = co_await files_.write(id, fresh->envelope, *fresh->message);
        if (!made) co_return made;
    }
    fresh->message.reset();
    fresh->stored = {};
    std::string().swap(fresh->envelope);
    tell_placed(fresh->shard, {fresh->record});
    co_return {};
}

task<Result<void>> FreshEntries::settle(EntryId id) {
    co_await try_(place(id));
    const auto fresh = find(id);
    if (fresh == nullptr) co_return {};
    Journal* journal = &store_.journal(fresh->shard);
    const std::vector<Journal::Entry> records{fresh->record};
    auto there = [journal, &records] { return settle_and_cancel(journal, &records); };
    auto settled = co_await engine::call_on(fresh->shard, there);
    if (settled) entries_.erase(id);
    co_return settled;
}

task<Result<bool>> FreshEntries::remove(EntryId id) {
    const auto fresh = find(id);
    if (fresh == nullptr) {
        co_await try_(files_.remove(id));
        co_return true;
    }
    engine::Mutex::Guard guard = co_await try_(fresh->placing.lock());
    const bool is_placed = std::exchange(fresh->message, nullptr) == nullptr;
    if (entries_.erase(id) > 0) {
        Journaled& journaled = journals_[fresh->shard];
        const bool is_wanted = fresh->record.generation < journaled.wanted_before;
        if (is_wanted && !is_placed) tell_placed(fresh->shard, {fresh->record});
        journaled.removed.push_back({fresh->record, is_placed || is_wanted});
    }
    if (is_placed) co_await try_(files_.remove(id));
    co_return is_placed;
}

bool FreshEntries::has_removed() const {
    for (const auto& [shard, journaled] : journals_) {
        if (!journaled.removed.empty()) return true;
    }
    return false;
}

task<Result<void>> FreshEntries::cancel_removed() {
    Result<void> all;
    for (unsigned shard = 0; shard < store_.shard_count(); ++shard) {
        const std::vector<Removed> removed = std::exchange(journals_[shard].removed, {});
        std::vector<Journal::Entry> records, unplaced;
        for (const Removed& each : removed) {
            records.push_back(each.record);
            if (!each.is_placed) unplaced.push_back(each.record);
        }
        if (records.empty()) continue;
        tell_placed(shard, unplaced);
        Journal* journal = &store_.journal(shard);
        auto there = [journal, &records] { return cancel(journal, &records); };
        auto cancelled = co_await engine::call_on(shard, there);
        if (cancelled) continue;
        for (const Journal::Entry& record : records) {
            journals_[shard].removed.push_back({record, true});
        }
        all = cancelled;
    }
    co_return all;
}

std::vector<EntryId> FreshEntries::wanted(unsigned shard, std::uint64_t generation) {
    Journaled& journaled = journals_[shard];
    journaled.wanted_before = generation + 1;
    // Without a cancel: what is wanted is about to be forgotten.
    std::vector<Journal::Entry> unplaced;
    for (Removed& each : journaled.removed) {
        if (!std::exchange(each.is_placed, true)) unplaced.push_back(each.record);
    }
    tell_placed(shard, unplaced);
    std::vector<EntryId> found;
    for (auto at = entries_.begin(); at != entries_.end();) {
        const Fresh& fresh = *at->second;
        const bool is_its = fresh.shard == shard;
        if (is_its && fresh.message != nullptr && fresh.record.generation <= generation) {
            found.push_back(at->first);
        }
        const bool is_past = is_its && fresh.record.generation < generation;
        at = is_past && fresh.message == nullptr ? entries_.erase(at) : std::next(at);
    }
    return found;
}

std::vector<EntryId> FreshEntries::ids() const {
    std::vector<EntryId> all;
    for (const auto& [id, fresh] : entries_) all.push_back(id);
    return all;
}

void FreshEntries::delay(unsigned shard) {
    Journal* journal = &store_.journal(shard);
    engine::run_at(shard, [journal] { journal->delay(); });
}

}  // namespace postern::queue
