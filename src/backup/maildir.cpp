// See maildir.hpp.
#include "backup/maildir.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <tuple>

#include "backup/files.hpp"
#include "backup/limits.hpp"
#include "backup/tree.hpp"
#include "store/file_name.hpp"
#include "store/state_file.hpp"

namespace postern::backup {
namespace {

// The facts are computed again, the counts too.
constexpr std::array<std::string_view, 2> not_kept = {store::facts_file, store::maildirsize_file};
// Of other programs, while their mail waits to be adopted.
constexpr std::array<std::string_view, 4> foreign_kept = {
    store::subscriptions_file, "maildirfolder", "dovecot-uidlist", "dovecot-keywords"};

// Messages of one listing, by what stays the same of their names.
using ByIdentity = std::map<std::string, ListedMessage, std::less<>>;

ListedMessage describe_message(std::string path, const store::ParsedFileName& name) {
    ListedMessage message{std::move(path), unnumbered_page, 0, 0};
    if (name.ours) {
        message.uid = name.ours->uid;
        message.page = name.ours->uid / limits::uids_per_page;
        message.bytes = name.ours->size_bytes;
    }
    return message;
}

Outcome<void> add_entries(const std::string& mailbox_directory, const std::string& place,
                          ByIdentity& into) {
    std::error_code problem;
    auto entry = std::filesystem::directory_iterator(mailbox_directory + '/' + place, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        const std::string file = entry->path().filename();
        const auto name = store::parse_file_name(file);
        if (!name) continue;
        std::string path = place + '/' + file;
        std::string identity(identity_of(path));
        into.insert_or_assign(std::move(identity), describe_message(std::move(path), *name));
    }
    errno = problem.value();
    if (problem && errno != ENOENT) return refuse_errno(mailbox_directory + '/' + place);
    return {};
}

std::vector<ListedMessage> in_order(ByIdentity found) {
    std::vector<ListedMessage> messages;
    messages.reserve(found.size());
    for (auto& [identity, message] : found) messages.push_back(std::move(message));
    std::ranges::stable_sort(messages, [](const ListedMessage& a, const ListedMessage& b) {
        return std::tie(a.page, a.uid) < std::tie(b.page, b.uid);
    });
    return messages;
}

}  // namespace

Outcome<std::vector<ListedMessage>> list_messages(const std::string& mailbox_directory) {
    ByIdentity found;
    for (const char* place : {"new", "cur"}) {
        if (auto added = add_entries(mailbox_directory, place, found); !added) {
            return std::unexpected(added.error());
        }
    }
    return in_order(std::move(found));
}

void merge_listing(std::vector<ListedMessage>& messages, std::vector<ListedMessage> later) {
    ByIdentity found;
    for (auto* listing : {&messages, &later}) {
        for (ListedMessage& message : *listing) {
            std::string identity(identity_of(message.path));
            found.insert_or_assign(std::move(identity), std::move(message));
        }
    }
    messages = in_order(std::move(found));
}

Outcome<std::vector<std::string>> list_mailboxes(const std::string& account_directory) {
    std::vector<std::string> names = {""};
    std::error_code problem;
    auto entry = std::filesystem::directory_iterator(account_directory, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        std::string name = entry->path().filename();
        std::error_code ignored;
        if (!name.starts_with('.') || !entry->is_directory(ignored)) continue;
        if (entry->is_symlink(ignored) || !exists(entry->path() / "cur")) continue;
        names.push_back(std::move(name));
    }
    errno = problem.value();
    if (problem && errno == ENOENT) return std::vector<std::string>();
    if (problem) return refuse_errno(account_directory);
    std::ranges::sort(names);
    return names;
}

std::string mailbox_path(const std::string& account_directory, const std::string& directory) {
    return directory.empty() ? account_directory : account_directory + '/' + directory;
}

std::vector<std::string> list_beside(const std::string& mailbox_directory) {
    std::vector<std::string> names;
    std::error_code problem;
    auto entry = std::filesystem::directory_iterator(mailbox_directory, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        std::string name = entry->path().filename();
        std::error_code ignored;
        if (!entry->is_regular_file(ignored) || entry->is_symlink(ignored)) continue;
        const bool is_ours = name.starts_with("postern.") && !name.ends_with(".tmp");
        if (!is_ours && std::ranges::find(foreign_kept, name) == foreign_kept.end()) continue;
        if (std::ranges::find(not_kept, name) == not_kept.end()) names.push_back(std::move(name));
    }
    std::ranges::sort(names, [](const std::string& a, const std::string& b) {
        const bool first = a == store::index_file;
        return first != (b == store::index_file) ? first : a < b;
    });
    return names;
}

}  // namespace postern::backup
