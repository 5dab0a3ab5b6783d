// The directories of what can still be had back; see expunged.hpp.
#include "store/expunged.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "engine/io.hpp"
#include "store/background.hpp"
#include "store/maildir_account.hpp"
#include "store/random.hpp"
#include "store/state_file.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

constexpr std::string_view mailbox_mark = "mailbox-";

// The time in front of an entry, and what follows.
std::optional<std::pair<std::int64_t, std::string_view>> split_time(std::string_view entry) {
    auto comma = entry.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    auto at_s = parse_decimal32(entry.substr(0, comma));
    if (!at_s) return std::nullopt;
    return std::pair(std::int64_t{*at_s}, entry.substr(comma + 1));
}

// Nothing there is no failure.
task<Result<std::vector<engine::DirectoryEntry>>> list_if_there(std::string directory) {
    auto entries = co_await engine::list_directory(std::move(directory));
    if (!entries && entries.error().code == ErrorCode::not_found) {
        co_return std::vector<engine::DirectoryEntry>();
    }
    co_return entries;
}

task<Result<void>> sweep_folder(std::string directory, std::int64_t keep_since_s) {
    ExpungedFolder folder = co_await try_(list_expunged(directory));
    std::size_t kept = 0;
    for (const DeletedMailbox& mailbox : folder.mailboxes) {
        if (mailbox.at_s > keep_since_s) {
            ++kept;
        } else {
            std::string path = directory + '/' + mailbox.entry;
            co_await remove_tree_quietly(std::move(path));
        }
    }
    for (const ExpungedMessage& message : folder.messages) {
        if (message.at_s > keep_since_s) {
            ++kept;
        } else {
            co_await unlink_quietly(directory + '/' + message.entry);
        }
    }
    if (kept == 0) co_await engine::remove_directory(std::move(directory));
    co_return Result<void>{};
}

}  // namespace

std::string format_expunged(std::int64_t at_s, std::string_view entry) {
    return std::to_string(at_s) + ',' + std::string(entry);
}

std::string format_deleted_mailbox(std::int64_t at_s, std::uint64_t unique) {
    return std::to_string(at_s) + ',' + std::string(mailbox_mark) + format_hex(unique, 16);
}

task<Result<ExpungedFolder>> list_expunged(std::string directory) {
    auto entries = co_await try_(list_if_there(std::move(directory)));
    ExpungedFolder folder;
    for (const engine::DirectoryEntry& entry : entries) {
        auto parts = split_time(entry.name);
        if (!parts) continue;
        if (entry.type == engine::FileType::directory) {
            if (parts->second.starts_with(mailbox_mark)) {
                folder.mailboxes.push_back({parts->first, entry.name});
            }
            continue;
        }
        auto name = parse_file_name(parts->second);
        if (name && name->ours) folder.messages.push_back({parts->first, entry.name, *name});
    }
    std::ranges::sort(folder.messages, [](const ExpungedMessage& a, const ExpungedMessage& b) {
        return a.at_s != b.at_s ? a.at_s < b.at_s : a.name.ours->uid < b.name.ours->uid;
    });
    std::ranges::sort(folder.mailboxes, std::ranges::greater(), &DeletedMailbox::at_s);
    co_return folder;
}

task<Result<std::vector<std::string>>> list_expunged_folders(std::string account_directory) {
    std::string directory = account_directory + '/' + expunged_directory;
    auto entries = co_await try_(list_if_there(std::move(directory)));
    std::vector<std::string> names;
    for (engine::DirectoryEntry& entry : entries) names.push_back(std::move(entry.name));
    std::ranges::sort(names);
    co_return names;
}

task<Result<void>> sweep_expunged(std::string account_directory, std::uint32_t days) {
    std::int64_t keep_since_s = wall_seconds() - std::int64_t{days} * 86'400;
    for (std::string& name : co_await try_(list_expunged_folders(account_directory))) {
        std::string directory = account_directory + '/' + expunged_directory + '/' + name;
        co_await try_(sweep_folder(std::move(directory), keep_since_s));
    }
    co_return Result<void>{};
}

}  // namespace postern::store
