// Shared directory flushes; see directory_sync.hpp.
#include "store/directory_sync.hpp"

#include <utility>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "store/test_faults.hpp"

namespace postern::store {

engine::task<Result<void>> DirectorySync::sync(std::string path) {
    if (test_faults.skip_directory_sync) co_return Result<void>{};
    auto at = entries_.try_emplace(path).first;
    Entry& entry = at->second;
    ++entry.users;
    Result<void> outcome = co_await sync_through(&entry, &path);
    if (--entry.users == 0) entries_.erase(path);
    co_return outcome;
}

engine::task<Result<void>> DirectorySync::link(std::string from, std::string to) {
    std::string directory = to.substr(0, to.rfind('/'));
    const bool is_shared_below = engine::Shard::current().kernel().shares_flushes();
    if (test_faults.skip_directory_sync || (!is_shared_below && entries_.contains(directory))) {
        co_await engine::try_(engine::link_file(std::move(from), std::move(to)));
        co_return co_await sync(std::move(directory));
    }
    ++entries_[directory].users;
    Result<void> outcome = co_await engine::link_durably(std::move(from), std::move(to));
    if (--entries_.at(directory).users == 0) entries_.erase(directory);
    co_return outcome;
}

// The mutex is first come, first served, so whoever finds itself covered finds the outcome of the
// very flush that covered it: later tickets are flushed by later holders.
engine::task<Result<void>> DirectorySync::sync_through(Entry* entry, const std::string* path) {
    std::uint64_t ticket = ++entry->asked;
    engine::Mutex::Guard guard = co_await engine::try_(entry->mutex.lock());
    if (entry->covered >= ticket) co_return entry->outcome;
    std::uint64_t covers = entry->asked;
    Result<void> outcome = co_await engine::sync_directory(*path);
    entry->outcome = outcome;
    entry->covered = covers;
    co_return outcome;
}

}  // namespace postern::store
