// The files of entries; see entry_files.hpp.
#include "queue/entry_files.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/log.hpp"
#include "engine/io.hpp"
#include "queue/limits.hpp"
#include "queue/test_faults.hpp"
#include "store/directory_sync.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;

namespace {

static_assert(directories == 16, "one hexadecimal digit");

// What the names in a directory say, each list ascending.
struct Names {
    std::vector<EntryId> envelopes;
    std::vector<EntryId> messages;
    std::vector<EntryId> bad;
};

Names sort_out(const std::vector<engine::DirectoryEntry>& entries) {
    Names names;
    for (const engine::DirectoryEntry& entry : entries) {
        const std::string_view name = entry.name;
        const auto dot = name.find('.');
        const auto id = parse_entry_id(name.substr(0, dot));
        if (dot == name.npos || !id) continue;
        if (name.substr(dot) == ".env") names.envelopes.push_back(*id);
        if (name.substr(dot) == ".msg") names.messages.push_back(*id);
        if (name.substr(dot) == ".bad") names.bad.push_back(*id);
    }
    std::ranges::sort(names.envelopes);
    std::ranges::sort(names.messages);
    std::ranges::sort(names.bad);
    return names;
}

// A file that is gone already is as good as removed.
Result<void> forgive_absence(Result<void> outcome) {
    if (!outcome && outcome.error().code == ErrorCode::not_found) return {};
    return outcome;
}

}  // namespace

std::string EntryFiles::directory(unsigned index) const {
    return root_ + '/' + "0123456789abcdef"[index];
}

std::string EntryFiles::directory_of(EntryId id) const {
    return directory(unsigned(id >> 60));
}

std::string EntryFiles::path(EntryId id, const char* ending) const {
    return directory_of(id) + '/' + format_entry_id(id) + ending;
}

task<Result<void>> EntryFiles::make_directories() const {
    for (unsigned i = 0; i < directories; ++i) {
        co_await try_(engine::make_directories(directory(i)));
    }
    co_return {};
}

task<Result<void>> EntryFiles::write_envelope(EntryId id, std::string text) const {
    if (!test_faults.reply_before_sync) {
        co_return co_await engine::create_file(envelope_path(id), text);
    }
    const int flags = O_WRONLY | O_CREAT | O_EXCL;
    engine::File file = co_await try_(engine::open_file(envelope_path(id), flags));
    co_return co_await engine::write_at(file.fd(), text, 0);
}

task<Result<void>> EntryFiles::add_message(EntryId id, std::string message,
                                           store::DirectorySync* sync) const {
    return sync->link(std::move(message), message_path(id));
}

task<Result<void>> EntryFiles::write(EntryId id, std::string_view envelope,
                                     std::string_view message) const {
    std::vector<task<Result<void>>> works;
    works.push_back(engine::write_file(envelope_path(id), envelope));
    works.push_back(engine::write_file(message_path(id), message));
    auto written = co_await engine::all_succeed(std::move(works));
    if (!written) co_await remove(id);
    co_return written;
}

task<Result<StoredEntry>> EntryFiles::load(EntryId id) const {
    std::string bytes =
        co_await try_(engine::read_file(envelope_path(id), envelope_file_bytes_max * 2));
    co_return parse_envelope_file(bytes);
}

task<Result<void>> EntryFiles::append(EntryId id, StoredEntry* entry, const RecordWriter* records,
                                      Durability durability) const {
    if (records->empty() || test_faults.forget_outcome) co_return {};
    engine::File file = co_await try_(engine::open_file(envelope_path(id), O_WRONLY));
    co_await try_(engine::write_at(file.fd(), records->text(), entry->valid_bytes));
    if (durability == Durability::synced) {
        co_await try_(engine::sync_file(file.fd(), engine::SyncWhat::data));
    }
    entry->valid_bytes += records->text().size();
    entry->chain = records->chain();
    co_return {};
}

task<Result<void>> EntryFiles::remove(EntryId id) const {
    std::vector<task<Result<void>>> removals;
    removals.push_back(engine::discard_file(envelope_path(id)));
    removals.push_back(engine::discard_file(message_path(id)));
    const auto outcomes = co_await engine::when_all(std::move(removals));
    auto envelope_gone = forgive_absence(outcomes[0]);
    co_return envelope_gone ? forgive_absence(outcomes[1]) : envelope_gone;
}

task<Result<void>> EntryFiles::set_aside(EntryId id) const {
    co_return co_await engine::rename_file(envelope_path(id), path(id, ".bad"));
}

task<Result<std::vector<EntryId>>> EntryFiles::list(unsigned index) const {
    const auto entries = co_await try_(engine::list_directory(directory(index)));
    const Names names = sort_out(entries);
    std::vector<EntryId> whole;
    std::ranges::set_intersection(names.envelopes, names.messages, std::back_inserter(whole));
    std::vector<EntryId> halves;
    std::ranges::set_symmetric_difference(names.envelopes, names.messages,
                                          std::back_inserter(halves));
    for (EntryId id : halves) {
        if (std::ranges::binary_search(names.bad, id)) continue;
        log::debug("queue.leftover", {{"entry", format_entry_id(id)}});
        co_await remove(id);
    }
    co_return whole;
}

}  // namespace postern::queue
