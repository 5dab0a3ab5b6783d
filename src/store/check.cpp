// The consistency checker; see check.hpp.
#include "store/check.hpp"

#include <map>
#include <optional>

#include "engine/io.hpp"
#include "store/acl.hpp"
#include "store/file_name.hpp"
#include "store/index_log.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/state_file.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

struct Check {
    std::string directory;
    std::vector<std::string> problems;
    std::optional<MailboxState> state;
    struct File {
        FileName name;
        Place place;
        std::uint32_t flags;
    };
    std::map<std::uint32_t, File> files;  // by UID

    void complain(std::string what) { problems.push_back(directory + ": " + what); }
};

task<Result<void>> check_state(Check* check) {
    auto text = co_await engine::read_file(check->directory + '/' + mailbox_state_file,
                                           small_file_bytes_max);
    if (!text) {
        check->complain("no state file");
        co_return Result<void>{};
    }
    auto state = parse_mailbox_state(*text);
    if (state) check->state = *state;
    if (!state) check->complain("damaged state file");
    co_return Result<void>{};
}

task<Result<void>> check_acl(Check* check) {
    auto text = co_await engine::read_file(check->directory + '/' + acl_file, small_file_bytes_max);
    if (text && !parse_acl(*text)) check->complain("damaged access control list");
    co_return Result<void>{};
}

void check_name(Check* check, Place place, const std::string& entry,
                const engine::FileStatus& status) {
    auto parsed = parse_file_name(entry);
    if (!parsed || !parsed->ours) return check->complain("foreign file " + entry);
    const FileName& name = *parsed->ours;
    std::string path = std::string(directory_name(place)) + '/' + entry;
    if (format_file_path(name, place, parsed->flags) != path) check->complain("odd name " + path);
    if (check->state && name.tag != check->state->tag()) check->complain("foreign tag " + path);
    if (check->state && name.uid >= check->state->uid_next) check->complain("UID high " + path);
    if (status.size_bytes != name.size_bytes) check->complain("wrong size " + path);
    Check::File file{name, place, parsed->flags};
    if (!check->files.emplace(name.uid, file).second) check->complain("UID twice " + path);
}

task<Result<void>> check_files(Check* check, Place place) {
    std::string directory = check->directory + '/' + std::string(directory_name(place));
    auto entries = co_await try_(engine::list_directory(directory));
    for (const engine::DirectoryEntry& entry : entries) {
        std::string path = directory + '/' + entry.name;
        auto status = co_await try_(engine::stat_file(std::move(path)));
        check_name(check, place, entry.name, status);
    }
    co_return Result<void>{};
}

void check_record(Check* check, const Record& record) {
    auto at = check->files.find(record.uid);
    std::string uid = std::to_string(record.uid);
    if (at == check->files.end()) return check->complain("in the index only: UID " + uid);
    const Check::File& file = at->second;
    bool same = file.name.unique == record.unique && file.name.size_bytes == record.size_bytes &&
                file.name.date_s == record.date_s;
    if (!same) check->complain("another file in the index: UID " + uid);
    if (file.place != record.place || file.flags != record.disk_flags) {
        check->complain("index does not know the name: UID " + uid);
    }
    if (name_flags(record.flags()) != file.flags) check->complain("flags not in the name: " + uid);
    if (check->state && record.modseq > check->state->modseq) check->complain("modseq high " + uid);
    check->files.erase(at);
}

task<Result<void>> check_index(Check* check) {
    auto bytes =
        co_await engine::read_file(check->directory + '/' + index_file, index_file_bytes_max);
    if (!bytes) {
        check->complain("no index");
        co_return Result<void>{};
    }
    auto contents = decode_index(*bytes);
    if (!contents || contents->valid_bytes != bytes->size()) {
        check->complain("damaged index");
        co_return Result<void>{};
    }
    IndexHeader header = contents->header;
    if (check->state &&
        (header.uid_validity != check->state->uid_validity || header.tag != check->state->tag())) {
        check->complain("index of another mailbox");
    }
    for (const Record& record : contents->table.records()) check_record(check, record);
    for (const auto& [uid, file] : check->files) {
        check->complain("not in the index: UID " + std::to_string(uid));
    }
    co_return Result<void>{};
}

}  // namespace

task<Result<std::vector<std::string>>> check_mailbox(std::string directory) {
    Check check;
    check.directory = std::move(directory);
    co_await try_(check_state(&check));
    co_await try_(check_acl(&check));
    co_await try_(check_files(&check, Place::fresh));
    co_await try_(check_files(&check, Place::cur));
    co_await try_(check_index(&check));
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
    std::vector<std::string> problems;
    auto mailboxes = co_await try_(mailbox_directories(std::move(directory)));
    for (std::string& path : mailboxes) {
        // A mailbox that nobody has opened yet has no state file.
        auto opened = co_await engine::stat_file(path + '/' + mailbox_state_file);
        if (!opened) continue;
        auto more = co_await try_(check_mailbox(std::move(path)));
        problems.insert(problems.end(), more.begin(), more.end());
    }
    co_return problems;
}

}  // namespace postern::store
