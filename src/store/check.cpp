// The consistency checker: state, names and index of a mailbox; see check.hpp and check_parts.hpp.
#include "store/check.hpp"

#include "store/annotations.hpp"
#include "store/check_parts.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

task<Result<void>> check_state(MailboxCheck* check) {
    auto text = co_await engine::read_file(check->path(mailbox_state_file), small_file_bytes_max);
    if (!text) {
        check->complain("no state file");
        co_return Result<void>{};
    }
    auto state = parse_mailbox_state(*text);
    if (state) check->state = *state;
    if (!state) check->complain("damaged state file");
    co_return Result<void>{};
}

void check_name(MailboxCheck* check, Place place, const std::string& entry,
                const engine::FileStatus& status) {
    auto parsed = parse_file_name(entry);
    if (!parsed || !parsed->ours) return check->complain("foreign file " + entry);
    const FileName& name = *parsed->ours;
    std::string path = std::string(directory_name(place)) + '/' + entry;
    if (format_file_path(name, place, parsed->flags) != path) check->complain("odd name " + path);
    if (check->state && name.tag != check->state->tag()) check->complain("foreign tag " + path);
    if (check->state && name.uid >= check->state->uid_next) check->complain("UID high " + path);
    const bool is_whole = status.size_bytes == name.size_bytes;
    if (!is_whole) check->complain("wrong size " + path);
    check->keywords |= flags_of_name(parsed->flags).keywords;
    MailboxCheck::File file{name, place, parsed->flags, is_whole};
    if (!check->files.emplace(name.uid, file).second) check->complain("UID twice " + path);
}

// While mail comes and goes an entry may go before it is looked at.
task<Result<void>> check_files(MailboxCheck* check, Place place) {
    std::string directory = check->path(directory_name(place));
    auto entries = co_await engine::list_directory(directory);
    if (!entries && entries.error().code == ErrorCode::not_found) {
        check->complain("no directory " + std::string(directory_name(place)));
        co_return Result<void>{};
    }
    if (!entries) co_return Failure(entries.error());
    std::ranges::sort(*entries, {}, &engine::DirectoryEntry::name);  // says the same each time
    for (const engine::DirectoryEntry& entry : *entries) {
        std::string path = directory + '/' + entry.name;
        auto status = co_await engine::stat_file(std::move(path));
        if (!status && status.error().code == ErrorCode::not_found) continue;
        if (!status) co_return Failure(status.error());
        check_name(check, place, entry.name, *status);
    }
    co_return Result<void>{};
}

task<Result<void>> check_drafts(MailboxCheck* check) {
    auto status = co_await engine::stat_file(check->path("tmp"));
    if (!status) check->complain("no directory tmp");
    co_return Result<void>{};
}

void check_record(MailboxCheck* check, const Record& record, const MailboxCheck::File& file) {
    std::string uid = std::to_string(record.uid);
    bool same = file.name.unique == record.unique && file.name.size_bytes == record.size_bytes &&
                file.name.date_s == record.date_s;
    if (!same) check->complain("another file in the index: UID " + uid);
    if (file.place != record.place || file.flags != record.disk_flags) {
        check->complain("index does not know the name: UID " + uid);
    }
    if (name_flags(record.flags()) != file.flags) check->complain("flags not in the name: " + uid);
    if (check->state && record.modseq > check->state->modseq) check->complain("modseq high " + uid);
}

// RFC 7162 §3.2.6: what is there has not gone.
void check_memory(MailboxCheck* check, const IndexContents& contents) {
    const auto& records = contents.table.records();
    for (const VanishedLog::Entry& entry : contents.memory.vanished.entries()) {
        const std::size_t at = contents.table.lower_bound(entry.uids.first);
        if (at == records.size() || records[at].uid > entry.uids.last) continue;
        check->complain("there, and remembered as gone: UID " + std::to_string(records[at].uid));
    }
    if (!check->state) return;
    if (contents.memory.highest_modseq > check->state->modseq) {
        check->complain("modseq of the index high");
    }
    if (contents.memory.uid_next > check->state->uid_next)
        check->complain("UIDs of the index high");
}

task<Result<void>> check_records(MailboxCheck* check, const IndexContents* contents) {
    for (const Record& record : contents->table.records()) {
        check->keywords |= record.keywords;
        auto at = check->files.find(record.uid);
        if (at == check->files.end()) {
            check->complain("in the index only: UID " + std::to_string(record.uid));
            continue;
        }
        check_record(check, record, at->second);
        co_await try_(check_message(check, &record, &at->second));
        check->files.erase(at);
    }
    for (const auto& [uid, file] : check->files) {
        check->complain("not in the index: UID " + std::to_string(uid));
    }
    co_return Result<void>{};
}

task<Result<void>> check_index(MailboxCheck* check) {
    auto bytes = co_await engine::read_file(check->path(index_file), index_file_bytes_max);
    if (!bytes) {
        check->complain("no index");
        co_return Result<void>{};
    }
    auto contents = decode_index(*bytes);
    if (!contents || contents->valid_bytes != bytes->size()) {
        check->complain("damaged index");
        co_return Result<void>{};
    }
    bytes->clear();
    bytes->shrink_to_fit();
    IndexHeader header = contents->header;
    if (check->state &&
        (header.uid_validity != check->state->uid_validity || header.tag != check->state->tag())) {
        check->complain("index of another mailbox");
    }
    check_memory(check, *contents);
    co_await try_(check_records(check, &*contents));
    co_return co_await check_uidls(check, &contents->table);
}

}  // namespace

task<Result<std::vector<std::string>>> check_mailbox(std::string directory) {
    MailboxCheck check;
    check.directory = std::move(directory);
    co_await try_(check_state(&check));
    co_await try_(check_files(&check, Place::fresh));
    co_await try_(check_files(&check, Place::cur));
    co_await try_(check_drafts(&check));
    co_await try_(open_facts(&check));
    co_await try_(check_index(&check));
    co_await try_(check_keywords(&check));
    co_await try_(check_acl(&check));
    co_await try_(check_annotations(&check, annotations_file));
    co_await try_(check_retrieved(&check));
    co_return std::move(check.problems);
}

task<Result<std::vector<std::string>>> mailbox_directories(std::string directory) {
    auto entries = co_await try_(engine::list_directory(directory));
    std::vector<std::string> mailboxes{directory};
    for (const engine::DirectoryEntry& entry : entries) {
        if (entry.type != engine::FileType::directory || !name_of_directory(entry.name)) continue;
        mailboxes.push_back(directory + '/' + entry.name);
    }
    co_return mailboxes;
}

task<Result<std::vector<std::string>>> check_account(std::string directory) {
    auto problems = co_await try_(check_account_files(directory));
    auto mailboxes = co_await try_(mailbox_directories(std::move(directory)));
    for (std::string& path : mailboxes) {
        // A mailbox that nobody has opened yet has none of these.
        auto state = co_await engine::stat_file(path + '/' + mailbox_state_file);
        auto index = co_await engine::stat_file(path + '/' + index_file);
        if (!state && !index) continue;
        auto more = co_await try_(check_mailbox(std::move(path)));
        problems.insert(problems.end(), more.begin(), more.end());
    }
    co_return problems;
}

}  // namespace postern::store
