// Checking and repairing an account; see account.hpp, and check.hpp for what is looked at. What can
// be made again is: from what is in memory where that is right, else from the messages. What cannot
// (rights and annotations without a second home, what POP3 has read) is forgotten. The messages
// themselves stay as they are.
#include <algorithm>
#include <iterator>
#include <set>

#include "base/log.hpp"
#include "store/check.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"
#include "store/random.hpp"
#include "store/retrieved_file.hpp"
#include "store/state_file.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

// Several looks, because mail goes on arriving: what is wrong is wrong in each. What a loss of
// power kept from an index is no fault: opening the mailbox makes it known, for a client as for us.
task<Result<std::vector<std::string>>> MaildirAccount::check(Repair repair_first) {
    if (repair_first == Repair::yes) co_await try_(repair());
    std::vector<std::string> problems;
    std::vector<std::shared_ptr<MaildirMailbox>> opened;
    for (int look = 0; look < check_looks; ++look) {
        if (look == 1) opened = co_await try_(open_those_of(problems));
        auto found = co_await try_(look_once());
        std::vector<std::string> both;
        std::set_intersection(problems.begin(), problems.end(), found.begin(), found.end(),
                              std::back_inserter(both));
        problems = look == 0 ? std::move(found) : std::move(both);
        if (problems.empty()) break;
    }
    co_return problems;
}

// One that cannot be opened is left to the complaints.
task<Result<std::vector<std::shared_ptr<MaildirMailbox>>>> MaildirAccount::open_those_of(
    const std::vector<std::string>& problems) {
    std::vector<std::shared_ptr<MaildirMailbox>> opened;
    for (std::string& name : co_await try_(mailbox_names())) {
        const std::string directory = path_of(name) + ": ";
        const auto complains = [&](const std::string& each) { return each.starts_with(directory); };
        if (!std::ranges::any_of(problems, complains)) continue;
        auto mailbox = co_await open_mailbox(std::move(name));
        if (mailbox) opened.push_back(std::move(*mailbox));
    }
    co_return opened;
}

// In order.
task<Result<std::vector<std::string>>> MaildirAccount::look_once() {
    co_await try_(flush());
    auto found = co_await try_(check_account(directory_));
    if (!co_await try_(is_counted_right())) {
        found.push_back(directory_ + ": the quota counts other than what is there");
    }
    std::sort(found.begin(), found.end());
    co_return found;
}

task<Result<void>> MaildirAccount::repair() {
    for (std::string& name : co_await try_(mailbox_names())) {
        auto mailbox = co_await try_(open_mailbox(name));
        co_await try_(mailbox->repair());
        co_await try_(repair_annotations(path_of(name), &kept_annotations));
        co_await try_(repair_acl(std::move(name)));
    }
    co_await try_(repair_ids());
    co_await try_(repair_retrieved());
    co_await try_(repair_files());
    quota_->forget_usage();
    if (quota_->limits().any()) co_await try_(count_usage(Count::anew));
    co_return co_await write_usage(UsageForm::more_lines);
}

// What cannot be read anywhere is no more: the owner gives rights anew.
task<Result<void>> MaildirAccount::repair_acl(std::string name) {
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    auto text = co_await engine::read_file(path_of(name) + '/' + acl_file, small_file_bytes_max);
    if (!text || parse_acl(*text)) co_return Result<void>{};
    auto acl = co_await try_(acl_locked(name));
    co_return co_await write_acl(std::move(name), std::move(acl));
}

task<Result<void>> MaildirAccount::repair_annotations(std::string directory, const KeptFile* what) {
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    std::string path = directory + '/' + what->file;
    auto text = co_await engine::read_file(path, what->file_bytes_max);
    if (!text || what->is_good(*text)) co_return Result<void>{};
    auto restored = co_await try_(read_twice_kept(std::move(directory), what));
    if (!restored.empty()) co_return Result<void>{};
    co_return co_await engine::unlink_file(std::move(path));
}

// Of two mailboxes with one id the first in order keeps it.
task<Result<void>> MaildirAccount::repair_ids() {
    std::set<std::uint64_t> ids;
    for (std::string& name : co_await try_(mailbox_names())) {
        auto mailbox = co_await try_(open_mailbox(std::move(name)));
        if (!ids.insert(mailbox->id()).second) co_await try_(mailbox->take_new_id());
    }
    co_return Result<void>{};
}

// Mail is kept longer then. A POP3 session writes its own at its end.
task<Result<void>> MaildirAccount::repair_retrieved() {
    engine::Mutex::Guard guard = co_await try_(drop_mutex_.lock());
    if (*drop_held_) co_return Result<void>{};
    auto inbox = co_await try_(open_mailbox("INBOX"));
    auto text = co_await engine::read_file(file(retrieved_file), retrieved_file_bytes_max);
    if (!text) co_return Result<void>{};
    const auto retrieved = parse_retrieved(*text);
    const MailboxStatus status = inbox->status();
    const bool is_good = retrieved && (retrieved->uid_validity != status.uid_validity ||
                                       retrieved->entries.empty() ||
                                       retrieved->entries.back().uid < status.uid_next);
    if (is_good) co_return Result<void>{};
    log::warning("store.retrieved_forgotten", {{"account", directory_}});
    co_return co_await engine::unlink_file(file(retrieved_file));
}

task<Result<void>> MaildirAccount::repair_files() {
    co_await try_(repair_annotations(directory_, &kept_server_annotations));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    co_await try_(save_subscriptions(subscriptions_));
    std::set<SpecialUse> uses;
    std::erase_if(special_uses_, [&](const auto& special) {
        return !canonical_mailbox_name(special.first) || !uses.insert(special.second).second;
    });
    co_await try_(save_special_uses());
    const std::uint32_t last = std::max(last_uid_validity_, wall_seconds());
    co_await try_(engine::replace_file(file(account_state_file), format_account_state(last)));
    last_uid_validity_ = last;
    co_return Result<void>{};
}

}  // namespace postern::store
