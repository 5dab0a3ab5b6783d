// What has been expunged and can still be had back; see account.hpp and maildir_account.hpp. An
// expunge links the file, before it unlinks it in its mailbox, to
//
//   postern.expunged/<mailbox>/<time>,<name>
//
// beside the mailboxes: mailbox is "INBOX" or the mailbox's directory, time is when, in Unix
// seconds, name is what the file's should be in cur/. That the message is gone from its mailbox is
// durable; that it is here is not until the file system writes it. Files older than the window are
// removed by a sweep, once a day for accounts in use. Not counted by the quota, known to no index.
#include <algorithm>
#include <iterator>
#include <optional>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/check.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"
#include "store/random.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

struct Expunged {
    std::int64_t at_s = 0;
    std::string entry;  // in its directory
    ParsedFileName name;
};

std::optional<Expunged> parse_expunged(const std::string& entry) {
    auto comma = entry.find(',');
    if (comma == std::string::npos) return std::nullopt;
    auto at_s = parse_decimal32(std::string_view(entry).substr(0, comma));
    auto name = parse_file_name(std::string_view(entry).substr(comma + 1));
    if (!at_s || !name || !name->ours) return std::nullopt;
    return Expunged{*at_s, entry, *name};
}

// Nothing there is no failure.
task<Result<std::vector<engine::DirectoryEntry>>> list_if_there(std::string directory) {
    auto entries = co_await engine::list_directory(directory);
    if (!entries && entries.error().code == ErrorCode::not_found) {
        co_return std::vector<engine::DirectoryEntry>();
    }
    co_return entries;
}

// Oldest first.
task<Result<std::vector<Expunged>>> list_expunged(std::string directory) {
    auto entries = co_await try_(list_if_there(std::move(directory)));
    std::vector<Expunged> found;
    for (const engine::DirectoryEntry& entry : entries) {
        if (auto one = parse_expunged(entry.name)) found.push_back(std::move(*one));
    }
    std::sort(found.begin(), found.end(), [](const Expunged& a, const Expunged& b) {
        return a.at_s != b.at_s ? a.at_s < b.at_s : a.name.ours->uid < b.name.ours->uid;
    });
    co_return found;
}

}  // namespace

std::string MaildirAccount::expunged_path_of(std::string_view name) const {
    std::string folder = directory_of(name);
    return file(expunged_directory) + '/' + (folder.empty() ? "INBOX" : folder);
}

task<Result<std::uint32_t>> MaildirAccount::undelete(UndeleteRequest request) {
    if (!request.mailbox.empty()) {
        request.mailbox = co_await try_(canonical_mailbox_name(request.mailbox));
    }
    std::uint32_t restored = 0;
    for (auto& folder : co_await try_(list_if_there(file(expunged_directory)))) {
        std::string name = "INBOX";
        if (folder.name != name) name = name_of_directory(folder.name).value_or(std::string());
        if (name.empty() || (!request.mailbox.empty() && request.mailbox != name)) continue;
        auto mailbox = co_await open_mailbox(name);
        if (!mailbox && mailbox.error().code == ErrorCode::not_found) {
            mailbox = co_await open_mailbox("INBOX");
        }
        if (!mailbox) co_return Failure(mailbox.error());
        std::string directory = file(expunged_directory) + '/' + folder.name;
        for (Expunged& expunged : co_await try_(list_expunged(directory))) {
            if (expunged.at_s < request.since_s) continue;
            std::string path = directory + '/' + expunged.entry;
            co_await try_((*mailbox)->restore(std::move(path), expunged.name));
            ++restored;
        }
    }
    co_return restored;
}

void MaildirAccount::sweep_if_due() {
    MonotonicTime now = engine::Shard::current().now();
    if (now < next_sweep_) return;
    next_sweep_ = now + seconds(sweep_interval_s);
    engine::Shard::current().root().spawn(sweep_later(shared_from_this()));
}

task<void> MaildirAccount::sweep_later(std::shared_ptr<MaildirAccount> self) {
    auto swept = co_await self->sweep_expunged();
    if (!swept) {
        log::warning("store.not_swept", {{"account", self->directory_}, {"error", swept.error()}});
    }
}

task<Result<void>> MaildirAccount::sweep_expunged() {
    std::int64_t keep_since_s = wall_seconds() - std::int64_t{rules_().undelete_days} * 86'400;
    for (auto& folder : co_await try_(list_if_there(file(expunged_directory)))) {
        std::string directory = file(expunged_directory) + '/' + folder.name;
        std::size_t kept = 0;
        for (Expunged& expunged : co_await try_(list_expunged(directory))) {
            if (expunged.at_s > keep_since_s) {
                ++kept;
                continue;
            }
            std::string path = directory + '/' + expunged.entry;
            co_await try_(engine::unlink_file(std::move(path)));
        }
        if (kept == 0) co_await engine::remove_directory(std::move(directory));
    }
    co_return Result<void>{};
}

// Several looks, because mail goes on arriving: what is wrong is wrong in each.
task<Result<std::vector<std::string>>> MaildirAccount::check(Repair repair) {
    if (repair == Repair::yes) {
        for (std::string& name : co_await try_(mailbox_names())) {
            auto mailbox = co_await try_(open_mailbox(name));
            co_await try_(mailbox->repair());
            co_await try_(repair_acl(std::move(name)));
        }
        quota_->forget_usage();
    }
    std::vector<std::string> problems;
    for (int look = 0; look < check_looks; ++look) {
        co_await try_(flush());
        auto found = co_await try_(check_account(directory_));
        std::sort(found.begin(), found.end());
        std::vector<std::string> both;
        std::set_intersection(problems.begin(), problems.end(), found.begin(), found.end(),
                              std::back_inserter(both));
        problems = look == 0 ? std::move(found) : std::move(both);
        if (problems.empty()) break;
    }
    co_return problems;
}

}  // namespace postern::store
