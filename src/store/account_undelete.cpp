// Bringing back what has been expunged, or deleted with its mailbox. See account.hpp,
// maildir_account.hpp, and expunged.hpp for where such mail is kept. That a message is gone from
// its mailbox is durable; that it is kept is not until the file system writes it. A mailbox comes
// back as it was, UIDs and all, where there is none of its name; else its messages join the one
// there is.
#include "engine/shard.hpp"
#include "store/expunged.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"
#include "store/state_file.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

std::string MaildirAccount::expunged_path_of(std::string_view name) const {
    std::string folder = directory_of(name);
    return file(expunged_directory) + '/' + (folder.empty() ? "INBOX" : folder);
}

task<Result<std::uint32_t>> MaildirAccount::undelete(UndeleteRequest request) {
    if (!request.mailbox.empty()) {
        request.mailbox = co_await try_(canonical_mailbox_name(request.mailbox));
    }
    std::uint32_t restored = 0;
    for (std::string& folder : co_await try_(list_expunged_folders(directory_))) {
        std::string name = "INBOX";
        if (folder != name) name = name_of_directory(folder).value_or(std::string());
        if (name.empty() || (!request.mailbox.empty() && request.mailbox != name)) continue;
        restored += co_await try_(undelete_folder(std::move(name), request.since_s));
    }
    co_return restored;
}

// Mailboxes first, so that their messages find them.
task<Result<std::uint32_t>> MaildirAccount::undelete_folder(std::string name,
                                                            std::int64_t since_s) {
    std::string directory = expunged_path_of(name);
    ExpungedFolder folder = co_await try_(list_expunged(directory));
    std::uint32_t restored = 0;
    for (const DeletedMailbox& deleted : folder.mailboxes) {
        if (deleted.at_s < since_s) continue;
        std::string path = directory + '/' + deleted.entry;
        restored += co_await try_(undelete_mailbox(name, std::move(path)));
    }
    std::erase_if(folder.messages,
                  [since_s](const ExpungedMessage& message) { return message.at_s < since_s; });
    if (folder.messages.empty()) co_return restored;
    auto mailbox = co_await open_mailbox(name);
    if (!mailbox && mailbox.error().code == ErrorCode::not_found) {
        mailbox = co_await open_mailbox("INBOX");
    }
    if (!mailbox) co_return Failure(mailbox.error());
    for (const ExpungedMessage& message : folder.messages) {
        std::string path = directory + '/' + message.entry;
        auto uid = co_await (*mailbox)->restore(std::move(path), message.name, nullptr);
        if (!uid && uid.error().code == ErrorCode::not_found) continue;
        if (!uid) co_return Failure(uid.error());
        ++restored;
    }
    co_return restored;
}

// `path`: a directory with all that a mailbox has.
task<Result<std::uint32_t>> MaildirAccount::undelete_mailbox(std::string name, std::string path) {
    if (!co_await try_(exists(name))) {
        QuotaUsage usage;
        for (const char* part : {"/new", "/cur"}) co_await try_(add_files(path + part, &usage));
        co_await try_(quota_->check(usage));
        engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
        if (!co_await try_(exists(name))) {
            co_await try_(engine::rename_file(path, path_of(name)));
            co_await try_(sync_->sync(directory_));
            quota_->forget_usage();
            AccountChange change;
            change.event = AccountEvent::mailbox_created;
            change.mailbox = name;
            feed_->publish(change);
            guard.unlock();
            co_await try_(count_usage(Count::if_unknown));
            co_return static_cast<std::uint32_t>(usage.messages);
        }
    }
    co_return co_await undelete_into(std::move(name), std::move(path));
}

// Its messages one by one, with their keywords; files of other programs stay where they are.
task<Result<std::uint32_t>> MaildirAccount::undelete_into(std::string name, std::string path) {
    auto mailbox = co_await try_(open_mailbox(std::move(name)));
    auto table = co_await engine::read_file(path + '/' + keywords_file, small_file_bytes_max);
    KeywordTable keywords = table ? KeywordTable::parse(*table) : KeywordTable();
    std::uint32_t restored = 0;
    std::size_t left = 0;
    for (const char* part : {"/new", "/cur"}) {
        auto entries = co_await engine::list_directory(path + part);
        if (!entries && entries.error().code == ErrorCode::not_found) continue;
        if (!entries) co_return Failure(entries.error());
        for (const engine::DirectoryEntry& entry : *entries) {
            auto parsed = parse_file_name(entry.name);
            ++left;
            if (!parsed || !parsed->ours) continue;
            std::string file = path + part + '/' + entry.name;
            co_await try_(mailbox->restore(std::move(file), *parsed, &keywords));
            ++restored;
            --left;
        }
    }
    if (left == 0) co_await remove_tree_quietly(std::move(path));
    co_return restored;
}

}  // namespace postern::store
