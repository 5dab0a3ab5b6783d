// The tree of mailboxes; see maildir_account.hpp and account.hpp. Subscriptions, special uses and
// UIDVALIDITY values are in account_files.cpp.
#include "store/account.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/expunged.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"
#include "store/random.hpp"
#include "store/second_home.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// Removed mailboxes wait under names that begin so for their files to be unlinked.
constexpr const char* removed_prefix = "postern.removed-";

constexpr std::array<const char*, 3> folders{"cur", "new", "tmp"};

}  // namespace

MaildirAccount::MaildirAccount(std::string directory, Surroundings around)
    : directory_(std::move(directory)),
      account_name_(std::move(around.name)),
      sync_(around.sync),
      journal_(around.journal),
      watch_(around.watch),
      domains_(around.domains),
      rules_(std::move(around.rules)) {
    auto limits = [this] {
        AccountRules rules = rules_();
        return QuotaBook::BothLimits{rules.quota, rules.domain_quota};
    };
    quota_ = std::make_shared<QuotaBook>(std::move(limits), this);
}

MaildirAccount::~MaildirAccount() {
    quota_->detach();
}

std::string MaildirAccount::path_of(std::string_view name) const {
    std::string folder = directory_of(name);
    return folder.empty() ? directory_ : directory_ + '/' + folder;
}

task<Result<void>> MaildirAccount::ensure_loaded() {
    if (loaded_) co_return Result<void>{};
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (!loaded_) co_await try_(load());
    loaded_ = true;
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::load() {
    auto text = co_await engine::read_file(file(account_state_file), small_file_bytes_max);
    bool is_new = false;
    if (text) {
        if (auto last = parse_account_state(*text)) last_uid_validity_ = *last;
    } else if (text.error().code != ErrorCode::not_found) {
        co_return Failure(text.error());
    } else {
        const std::string kept = co_await try_(read_attribute(directory_, account_state_attribute));
        auto last = parse_account_state(kept);
        if (last) last_uid_validity_ = *last;
        is_new = !last;
    }
    co_await try_(load_subscriptions());
    co_await try_(load_special_uses());
    if (!text) {
        co_await try_(engine::make_directories(directory_));
        co_await try_(make_folders(directory_));
        if (is_new || special_uses_.empty()) co_await try_(make_special_mailboxes());
        // Last, because it says that the account is complete.
        co_await try_(next_uid_validity());
    }
    auto entries = co_await try_(engine::list_directory(directory_));
    for (const engine::DirectoryEntry& entry : entries) {
        if (!entry.name.starts_with(removed_prefix)) continue;
        std::string path = directory_ + '/' + entry.name;
        engine::Shard::current().root().spawn(remove_tree_quietly(std::move(path)));
    }
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::make_folders(std::string directory) {
    for (const char* folder : folders) {
        auto made = co_await engine::make_directory(directory + '/' + folder);
        if (!made && made.error().code != ErrorCode::exists) co_return made;
    }
    co_return co_await sync_->sync(directory);
}

// Courier's mark of a Maildir++ folder, and the directories; durable.
task<Result<void>> MaildirAccount::make_mailbox(std::string name) {
    std::string path = path_of(name);
    auto made = co_await engine::make_directory(path);
    if (!made && made.error().code != ErrorCode::exists) co_return made;
    {
        auto mark = co_await engine::open_file(path + "/maildirfolder", O_WRONLY | O_CREAT);
        if (!mark) co_return Failure(mark.error());
    }
    co_await try_(make_folders(path));
    co_return co_await sync_->sync(directory_);
}

task<Result<std::vector<std::string>>> MaildirAccount::mailbox_names() {
    auto entries = co_await try_(engine::list_directory(directory_));
    std::vector<std::string> names{"INBOX"};
    for (const engine::DirectoryEntry& entry : entries) {
        if (entry.type != engine::FileType::directory) continue;
        if (auto name = name_of_directory(entry.name)) names.push_back(std::move(*name));
    }
    std::sort(names.begin() + 1, names.end());
    co_return names;
}

task<Result<bool>> MaildirAccount::exists(std::string name) {
    auto status = co_await engine::stat_file(path_of(name));
    if (status) co_return status->type == engine::FileType::directory;
    if (status.error().code == ErrorCode::not_found) co_return false;
    co_return Failure(status.error());
}

// RFC 9051 §5.1: a name in another normalisation form means the mailbox that CREATE made of it,
// unless there is one of just that name.
task<Result<std::string>> MaildirAccount::find_name(std::string name) {
    std::string canonical = co_await try_(canonical_mailbox_name(name));
    if (!has_8bit(canonical) || co_await try_(exists(canonical))) co_return canonical;
    co_return new_mailbox_name(canonical);
}

// RFC 9051 §6.3.9
task<Result<std::vector<MailboxInfo>>> MaildirAccount::list() {
    std::vector<std::string> names = co_await try_(mailbox_names());
    std::map<std::string, MailboxInfo> tree;
    for (const std::string& name : names) {
        tree[name].selectable = true;
        for (std::string& above : superior_names(name)) {
            auto [at, is_new] = tree.try_emplace(std::move(above));
            if (is_new) at->second.selectable = false;
            at->second.has_children = true;
        }
    }
    std::vector<MailboxInfo> list;
    for (auto& [name, info] : tree) {
        info.name = name;
        info.subscribed = subscriptions_.contains(name);
        auto use = special_uses_.find(name);
        if (use != special_uses_.end()) info.special_use = use->second;
        list.push_back(std::move(info));
    }
    std::stable_partition(list.begin(), list.end(),
                          [](const MailboxInfo& info) { return info.name == "INBOX"; });
    co_return list;
}

task<Result<std::shared_ptr<Mailbox>>> MaildirAccount::open(std::string name) {
    std::shared_ptr<Mailbox> mailbox = co_await try_(open_mailbox(std::move(name)));
    co_return mailbox;
}

task<Result<std::shared_ptr<MaildirMailbox>>> MaildirAccount::open_mailbox(std::string name) {
    std::string canonical = co_await try_(canonical_mailbox_name(name));
    auto known = open_.find(canonical);
    if (known != open_.end()) co_return known->second;
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (has_8bit(canonical)) canonical = co_await try_(find_name(std::move(canonical)));
    co_return co_await open_locked(std::move(canonical));
}

task<Result<std::shared_ptr<MaildirMailbox>>> MaildirAccount::open_locked(std::string name) {
    auto known = open_.find(name);
    if (known != open_.end()) co_return known->second;
    if (!co_await try_(exists(name))) {
        co_return fail_request(ErrorCode::not_found, "no such mailbox");
    }
    auto mailbox = std::make_shared<MaildirMailbox>(name, path_of(name), sync_);
    co_await try_(mailbox->load(this));
    std::shared_ptr<const Acl> acl = co_await try_(acl_locked(name));
    mailbox->use_acl(std::move(acl));
    mailbox->use_journal(journal_);
    mailbox->use_watch(watch_);
    mailbox->use_quota(quota_);
    mailbox->use_feed(feed_);
    if (rules_().undelete_days > 0) mailbox->keep_expunged_in(expunged_path_of(name));
    open_[name] = mailbox;
    co_return mailbox;
}

task<Result<MailboxStatus>> MaildirAccount::status(std::string name) {
    auto mailbox = co_await try_(open_mailbox(std::move(name)));
    co_await try_(mailbox->refresh());
    co_return mailbox->status();
}

// RFC 9051 §6.3.4
task<Result<void>> MaildirAccount::create(std::string name) {
    if (name.ends_with(hierarchy_separator)) name.pop_back();
    std::string canonical = co_await try_(new_mailbox_name(name));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    co_return co_await create_locked(std::move(canonical));
}

// The mailbox first: a use without one means nothing after a crash.
task<Result<void>> MaildirAccount::create_special(std::string name, SpecialUse use) {
    if (name.ends_with(hierarchy_separator)) name.pop_back();
    std::string canonical = co_await try_(new_mailbox_name(name));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    for (const auto& [other, its_use] : special_uses_) {
        if (its_use == use && co_await try_(exists(other))) {
            co_return fail_request(ErrorCode::in_use, "another mailbox has that use");
        }
    }
    co_await try_(create_locked(canonical));
    std::erase_if(special_uses_, [use](const auto& entry) { return entry.second == use; });
    special_uses_[canonical] = use;
    co_return co_await save_special_uses();
}

task<Result<void>> MaildirAccount::create_locked(std::string name) {
    if (co_await try_(exists(name))) co_return fail_request(ErrorCode::exists, "mailbox exists");
    std::vector<std::string> names = co_await try_(mailbox_names());
    std::vector<std::string> wanted = superior_names(name);
    wanted.push_back(name);
    if (names.size() + wanted.size() > mailboxes_max) {
        co_return fail_request(ErrorCode::limit, "too many mailboxes");
    }
    for (std::string& each : wanted) {
        if (!co_await try_(exists(each))) co_await try_(make_child(each));
    }
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::make_new_mailbox(std::string name) {
    co_await try_(make_mailbox(name));
    AccountChange change;
    change.event = AccountEvent::mailbox_created;
    change.mailbox = name;
    feed_->publish(change);
    co_return Result<void>{};
}

// RFC 9051 §6.3.5. The directory is renamed away, durably: to where it can be had back, or to be
// emptied at leisure.
task<Result<void>> MaildirAccount::remove(std::string name) {
    std::string canonical = co_await try_(find_name(std::move(name)));
    if (canonical == "INBOX") co_return fail_request(ErrorCode::refused, "INBOX stays");
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (!co_await try_(exists(canonical))) {
        co_return fail_request(ErrorCode::not_found, "no such mailbox");
    }
    if (rules_().undelete_days > 0) {
        std::string kept = expunged_path_of(canonical);
        co_await try_(engine::make_directories(kept));
        std::string aside = kept + '/' + format_deleted_mailbox(wall_seconds(), random64());
        co_await try_(move_aside(canonical, std::move(aside)));
        co_await sync_->sync(std::move(kept));  // no promise: it is gone either way
    } else {
        std::string aside = file(removed_prefix) + format_hex(random64(), 16);
        co_await try_(move_aside(canonical, aside));
        engine::Shard::current().root().spawn(remove_tree_quietly(std::move(aside)));
    }
    quota_->forget_usage();
    acls_.erase(canonical);
    // The others of the domain may have the room that it took.
    if (rules_().domain_quota.any()) {
        engine::Shard::current().root().spawn(recount_later(shared_from_this()));
    }
    AccountChange change;
    change.event = AccountEvent::mailbox_removed;
    change.mailbox = canonical;
    feed_->publish(change);
    if (special_uses_.erase(canonical) > 0) co_await try_(save_special_uses());
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::move_aside(std::string name, std::string aside) {
    auto known = open_.find(name);
    auto mailbox = known == open_.end() ? nullptr : known->second;
    if (mailbox == nullptr) {
        co_await try_(engine::rename_file(path_of(name), aside));
    } else {
        MaildirMailbox::WithoutJournal hold(mailbox.get());
        auto closed = co_await mailbox->close();
        static_cast<void>(closed);  // what is beside its messages can be made anew
        co_await try_(mailbox->leave_journal());
        engine::Mutex::Guard files = co_await try_(mailbox->lock_files());
        co_await try_(engine::rename_file(path_of(name), aside));
        open_.erase(name);
        mailbox->mark_gone();
    }
    co_return co_await sync_->sync(directory_);
}

// RFC 9051 §6.3.6
task<Result<void>> MaildirAccount::rename(std::string from, std::string to) {
    if (to.ends_with(hierarchy_separator)) to.pop_back();
    from = co_await try_(find_name(std::move(from)));
    to = co_await try_(new_mailbox_name(to));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (co_await try_(exists(to))) co_return fail_request(ErrorCode::exists, "mailbox exists");
    if (from == "INBOX") co_return co_await rename_inbox(std::move(to));
    if (is_below(to, from)) co_return fail_request(ErrorCode::refused, "renamed below itself");

    std::vector<std::pair<std::string, std::string>> moves;
    for (const std::string& name : co_await try_(mailbox_names())) {
        if (name != from && !is_below(name, from)) continue;
        std::string target = co_await try_(canonical_mailbox_name(to + name.substr(from.size())));
        if (co_await try_(exists(target))) {
            co_return fail_request(ErrorCode::exists, "mailbox exists");
        }
        moves.emplace_back(name, std::move(target));
    }
    if (moves.empty()) co_return fail_request(ErrorCode::not_found, "no such mailbox");
    for (std::string& above : superior_names(to)) {
        if (!co_await try_(exists(above))) co_await try_(make_child(above));
    }
    bool special = false;
    for (auto& [old_name, new_name] : moves) {
        co_await try_(rename_one(old_name, new_name));
        auto use = special_uses_.extract(old_name);
        if (use.empty()) continue;
        use.key() = new_name;
        special_uses_.insert(std::move(use));
        special = true;
    }
    co_await try_(sync_->sync(directory_));
    AccountChange change;
    change.event = AccountEvent::mailbox_renamed;
    change.mailbox = to;
    change.old_name = from;
    feed_->publish(change);
    if (special) co_await try_(save_special_uses());
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::rename_one(std::string from, std::string to) {
    acls_.erase(from);
    acls_.erase(to);
    auto known = open_.find(from);
    auto mailbox = known == open_.end() ? nullptr : known->second;
    if (mailbox == nullptr) co_return co_await engine::rename_file(path_of(from), path_of(to));
    MaildirMailbox::WithoutJournal hold(mailbox.get());
    co_await try_(mailbox->leave_journal());
    engine::Mutex::Guard files = co_await try_(mailbox->lock_files());
    co_await try_(engine::rename_file(path_of(from), path_of(to)));
    open_.erase(from);
    mailbox->renamed(to, path_of(to));
    if (rules_().undelete_days > 0) mailbox->keep_expunged_in(expunged_path_of(to));
    open_[to] = mailbox;
    co_return Result<void>{};
}

// The messages go, INBOX and what is below it stay.
task<Result<void>> MaildirAccount::rename_inbox(std::string to) {
    co_await try_(create_locked(to));
    auto inbox = co_await try_(open_locked("INBOX"));
    std::shared_ptr<Mailbox> target = co_await try_(open_locked(to));
    auto moved = co_await inbox->move(inbox->uids(), target);
    if (!moved) co_return Failure(moved.error());
    // RFC 5464 §4.1: annotations stay on INBOX and are copied.
    Annotations annotations = co_await try_(read_annotations(directory_, &kept_annotations));
    if (annotations.empty()) co_return Result<void>{};
    std::string text = format_annotations(annotations);
    co_return co_await write_twice(path_of(to), &kept_annotations, std::move(text));
}

task<Result<std::unique_ptr<Drop>>> MaildirAccount::open_drop(
    std::optional<std::uint32_t> retention_days) {
    engine::Mutex::Guard guard = co_await try_(drop_mutex_.lock());
    if (*drop_held_) co_return fail_request(ErrorCode::in_use, "mail drop held");
    *drop_held_ = true;
    auto inbox = co_await open_mailbox("INBOX");
    if (inbox) {
        auto refreshed = co_await (*inbox)->refresh();
        if (!refreshed) inbox = Failure(refreshed.error());
    }
    if (!inbox) {
        *drop_held_ = false;
        co_return Failure(inbox.error());
    }
    auto drop = std::make_unique<Drop>(std::move(*inbox), directory_, drop_held_, retention_days);
    co_await drop->load();
    co_return drop;
}

task<Result<void>> MaildirAccount::expire_retrieved(std::uint32_t days) {
    engine::Mutex::Guard guard = co_await try_(drop_mutex_.lock());
    if (*drop_held_) co_return Result<void>{};
    auto inbox = co_await try_(open_mailbox("INBOX"));
    *drop_held_ = true;
    Drop drop(std::move(inbox), directory_, drop_held_, days);
    co_await drop.expire();
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::flush() {
    Result<void> outcome;
    std::vector<std::shared_ptr<MaildirMailbox>> all;
    for (auto& [name, mailbox] : open_) all.push_back(mailbox);
    for (auto& mailbox : all) {
        auto flushed = co_await mailbox->flush();
        if (!flushed) outcome = flushed;
    }
    if (!maildirsize_is_final_ || quota_->has_changed()) {
        auto written = co_await write_usage(UsageForm::more_lines);
        if (!written) outcome = written;
    }
    co_return outcome;
}

task<Result<void>> MaildirAccount::export_dovecot() {
    for (std::string& name : co_await try_(mailbox_names())) {
        auto mailbox = co_await try_(open_mailbox(std::move(name)));
        co_await try_(mailbox->export_dovecot());
    }
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::close() {
    Result<void> outcome;
    std::vector<std::shared_ptr<MaildirMailbox>> all;
    for (auto& [name, mailbox] : open_) all.push_back(mailbox);
    for (auto& mailbox : all) {
        auto closed = co_await mailbox->close();
        if (!closed) outcome = closed;
    }
    if (!maildirsize_is_final_ || quota_->has_changed()) {
        auto written = co_await write_usage(UsageForm::one_line);
        if (!written) outcome = written;
    }
    co_return outcome;
}

bool MaildirAccount::is_idle() const {
    return !*drop_held_ && !tree_mutex_.held() &&
           std::all_of(open_.begin(), open_.end(),
                       [](const auto& entry) { return entry.second.use_count() == 1; });
}

task<void> remove_tree_quietly(std::string directory) {
    auto entries = co_await engine::list_directory(directory);
    if (!entries) co_return;
    for (const engine::DirectoryEntry& entry : *entries) {
        std::string path = directory + '/' + entry.name;
        if (entry.type == engine::FileType::directory) {
            co_await remove_tree_quietly(std::move(path));
        } else {
            co_await engine::unlink_file(std::move(path));
        }
    }
    co_await engine::remove_directory(std::move(directory));
}

}  // namespace postern::store
