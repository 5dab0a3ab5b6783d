// What a crash has left in the journal; see journal.hpp.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "engine/io.hpp"
#include "store/file_name.hpp"
#include "store/journal.hpp"
#include "store/limits.hpp"
#include "store/state_file.hpp"
#include "store/test_faults.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// What is to be brought back to one mailbox, by its tag, as the names have it, and UID.
using Wanted = std::map<std::pair<std::uint32_t, std::uint32_t>, const JournalRecord*>;

// That mailbox, as far as it matters.
struct Destination {
    bool is_gone = false;
    std::uint32_t tag = 0;  // 0: its state is lost, and every name is believed
    std::map<const JournalRecord*, std::string> files;  // "new/…" and "cur/…"
};

bool is_not_found(const Error& error) {
    return error.code == ErrorCode::not_found;
}

task<Result<Destination>> look_at_destination(std::string directory, const Wanted* wanted) {
    Destination place;
    auto state =
        co_await engine::read_file(directory + '/' + mailbox_state_file, small_file_bytes_max);
    if (!state && !is_not_found(state.error())) co_return Failure(state.error());
    if (state) {
        auto parsed = parse_mailbox_state(*state);
        if (parsed) place.tag = parsed->tag();
    }
    for (const char* part : {"new/", "cur/"}) {
        auto entries = co_await engine::list_directory(directory + '/' + part);
        if (!entries && is_not_found(entries.error())) {
            place.is_gone = true;
            co_return place;
        }
        if (!entries) co_return Failure(entries.error());
        for (const engine::DirectoryEntry& entry : *entries) {
            const auto name = parse_file_name(entry.name);
            if (!name || !name->ours) continue;
            const auto found = wanted->find({name->ours->tag, name->ours->uid});
            if (found != wanted->end()) place.files[found->second] = part + entry.name;
        }
    }
    co_return place;
}

// The bytes once more, where they are.
task<Result<void>> write_again(std::string path, std::string_view content) {
    auto file = co_await engine::open_file(std::move(path), O_WRONLY);
    if (!file && is_not_found(file.error())) co_return {};
    if (!file) co_return Failure(file.error());
    co_return co_await engine::write_at(file->fd(), content, 0);
}

// To one mailbox; `written` gets the paths.
task<Result<void>> bring_back(std::string directory, const Wanted* wanted, Replay how,
                              std::vector<std::string>* written) {
    const Destination place = co_await try_(look_at_destination(directory, wanted));
    if (place.is_gone) co_return {};
    for (const auto& [key, record] : *wanted) {
        if (place.tag != 0 && key.first != place.tag) continue;
        const auto found = place.files.find(record);
        if (found != place.files.end()) {
            written->push_back(directory + '/' + found->second);
            co_await try_(write_again(written->back(), record->content));
        } else if (how == Replay::all) {
            written->push_back(directory + '/' + std::string(record->name));
            co_await try_(engine::write_file(written->back(), record->content));
        }
    }
    co_return {};
}

// What is not cancelled.
struct Uncancelled {
    std::map<std::string_view, Wanted> mailboxes;  // by directory
    std::vector<const JournalRecord*> pairs;
};

Uncancelled sort_out(const std::vector<JournalRecord>& records) {
    std::set<std::uint64_t> cancelled;
    for (const JournalRecord& record : records) {
        cancelled.insert(record.cancelled.begin(), record.cancelled.end());
    }
    Uncancelled all;
    for (const JournalRecord& record : records) {
        if (cancelled.contains(record.sequence)) continue;
        if (record.kind == JournalKind::pair) all.pairs.push_back(&record);
        if (record.kind != JournalKind::message) continue;
        const auto name = parse_file_name(record.name.substr(record.name.find('/') + 1));
        if (!name || !name->ours) continue;
        all.mailboxes[record.directory][{name->ours->tag, name->ours->uid}] = &record;
    }
    return all;
}

task<Result<void>> write_anew(std::string path, std::string_view content) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    auto file = co_await engine::open_file(path, flags);
    if (!file && is_not_found(file.error())) {
        co_await try_(engine::make_directories(path.substr(0, path.rfind('/'))));
        file = co_await engine::open_file(path, flags);
    }
    if (!file) co_return Failure(file.error());
    co_return co_await engine::write_at(file->fd(), content, 0);
}

// Files of a live record have not been taken away, and nothing in them is other than it was; but
// something may have been added to the one beside.
task<Result<void>> bring_back_pair(const std::string* data_directory, const JournalRecord* pair,
                                   Replay how, std::vector<std::string>* written) {
    const std::string beside_path = *data_directory + '/' + std::string(pair->beside_path);
    const std::string path = *data_directory + '/' + std::string(pair->path);
    if (how == Replay::present) {
        co_await try_(write_again(beside_path, pair->beside));
        co_return co_await write_again(path, pair->content);
    }
    // Written in any case: what is read may be in memory alone, after a flush that failed.
    auto beside = co_await engine::read_file(beside_path, journal_read_bytes_max);
    if (beside && beside->starts_with(pair->beside)) {
        co_await try_(write_again(beside_path, pair->beside));
    } else {
        co_await try_(write_anew(beside_path, pair->beside));
    }
    co_await try_(write_anew(path, pair->content));
    written->push_back(beside_path);
    written->push_back(path);
    co_return {};
}

// Of one file.
struct Row {
    std::string path;
    std::unique_ptr<std::string> bytes;  // which the records point into
    std::vector<JournalRecord> records;

    std::uint64_t first() const { return records.empty() ? 0 : records.front().sequence; }
};

task<Result<std::string>> read_if_there(std::string path) {
    auto bytes = co_await engine::read_file(std::move(path), journal_read_bytes_max);
    if (!bytes && is_not_found(bytes.error())) co_return std::string();
    co_return bytes;
}

// "3-a": 3; anything else is not ours.
std::optional<unsigned> shard_of(std::string_view name) {
    if (!name.ends_with("-a") && !name.ends_with("-b")) return std::nullopt;
    name.remove_suffix(2);
    unsigned shard = 0;
    const auto end = std::from_chars(name.begin(), name.end(), shard);
    if (end.ec != std::errc() || end.ptr != name.end()) return std::nullopt;
    return shard;
}

// The disk may have come to another file system since.
task<Result<void>> sync_written(const std::vector<std::string>* written) {
    engine::File any = co_await try_(engine::open_file(written->front(), O_RDONLY));
    auto synced = co_await engine::sync_file_system(any.fd());
    if (synced || synced.error().system_errno != EOPNOTSUPP) co_return synced;
    std::set<std::string> directories;
    for (const std::string& path : *written) {
        directories.insert(path.substr(0, path.rfind('/')));
        engine::File file = co_await try_(engine::open_file(path, O_RDONLY));
        co_await try_(engine::sync_file(file.fd()));
    }
    for (const std::string& directory : directories) {
        co_await try_(engine::sync_directory(directory));
    }
    co_return {};
}

}  // namespace

// The beginning of its row is enough. Written even where it reads as nothing: after a flush that
// failed that may be in memory alone, and the disk still has the row.
task<Result<void>> forget_records(int fd) {
    const std::string nothing(journal_header_bytes, '\0');
    co_await try_(engine::write_at(fd, nothing, 0));
    if (test_faults.skip_journal_sync) co_return {};
    co_return co_await engine::sync_file(fd, engine::SyncWhat::data);
}

task<Result<std::vector<std::string>>> replay_journal(std::string data_directory,
                                                      std::vector<std::string>* files, Replay how) {
    std::vector<Row> rows(files->size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].path = (*files)[i];
        auto bytes = co_await try_(read_if_there(rows[i].path));
        rows[i].bytes = std::make_unique<std::string>(std::move(bytes));
        rows[i].records = parse_journal(*rows[i].bytes);
    }
    std::ranges::sort(rows, {}, &Row::first);
    std::vector<JournalRecord> records;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        (*files)[i] = rows[i].path;
        std::ranges::move(rows[i].records, std::back_inserter(records));
    }
    std::vector<std::string> written;
    const Uncancelled all = sort_out(records);
    for (const auto& [below, wanted] : all.mailboxes) {
        std::string directory = data_directory + '/' + std::string(below);
        co_await try_(bring_back(std::move(directory), &wanted, how, &written));
    }
    for (const JournalRecord* pair : all.pairs) {
        co_await try_(bring_back_pair(&data_directory, pair, how, &written));
    }
    co_return written;
}

task<Result<void>> replay_journals(std::string data_directory, unsigned shard_count) {
    const std::string directory = data_directory + "/journal";
    co_await try_(engine::make_directories(directory));
    auto entries = co_await try_(engine::list_directory(directory));
    std::map<unsigned, std::vector<std::string>> files;
    for (const engine::DirectoryEntry& entry : entries) {
        const auto shard = shard_of(entry.name);
        if (shard) files[*shard].push_back(directory + '/' + entry.name);
    }
    std::vector<std::string> written;
    for (auto& [shard, paths] : files) {
        auto more = co_await try_(replay_journal(data_directory, &paths, Replay::all));
        std::ranges::move(more, std::back_inserter(written));
    }
    if (!written.empty()) {
        co_await try_(sync_written(&written));
        log::info("store.journal_replayed", {{"messages", std::uint64_t{written.size()}}});
    }
    for (const auto& [shard, paths] : files) {
        for (const std::string& path : paths) {
            engine::File file = co_await try_(engine::open_file(path, O_RDWR));
            co_await try_(forget_records(file.fd()));
            if (shard >= shard_count) co_await try_(engine::unlink_file(path));
        }
    }
    co_return {};
}

}  // namespace postern::store
