// The Account of account.hpp, over one Maildir++ directory. tree_mutex_ is held by whatever opens,
// makes, removes or renames mailboxes, so that each mailbox has one object and none is opened
// while it goes. The tree itself is read from the directory each time it is asked for: LIST is
// rare.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "store/account.hpp"
#include "store/directory_sync.hpp"
#include "store/domain_quota.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/rules.hpp"
#include "store/second_home.hpp"

namespace postern::store {

class MaildirAccount final : public Account,
                             public UidValiditySource,
                             public QuotaKeeper,
                             public std::enable_shared_from_this<MaildirAccount> {
 public:
    using Rules = std::function<AccountRules()>;
    // What is around it outlives every account of the shard.
    struct Surroundings {
        std::string name;  // as account_directory() gives it
        DirectorySync* sync = nullptr;
        Journal* journal = nullptr;  // none: mail comes in by the spool alone
        DirectoryWatch* watch = nullptr;
        DomainBooks* domains = nullptr;
        Rules rules;
    };
    MaildirAccount(std::string directory, Surroundings around);
    ~MaildirAccount() override;

    // Reads what there is; makes the directories of a new account, finishes those of one that a
    // crash left half made. At once when it has been done.
    engine::task<Result<void>> ensure_loaded();
    bool is_loaded() const { return loaded_; }

    const std::string& directory() const override { return directory_; }
    engine::task<Result<std::vector<MailboxInfo>>> list() override;
    engine::task<Result<std::shared_ptr<Mailbox>>> open(std::string name) override;
    engine::task<Result<MailboxStatus>> status(std::string name) override;
    engine::task<Result<void>> create(std::string name) override;
    engine::task<Result<void>> create_special(std::string name, SpecialUse use) override;
    engine::task<Result<void>> remove(std::string name) override;
    engine::task<Result<void>> rename(std::string from, std::string to) override;
    engine::task<Result<void>> subscribe(std::string name) override;
    engine::task<Result<void>> unsubscribe(std::string name) override;
    engine::task<Result<std::vector<std::string>>> subscriptions() override;
    engine::task<Result<Annotations>> annotations(std::string name) override;
    engine::task<Result<void>> annotate(std::string name, AnnotationChanges changes) override;
    AccountFeed& feed() override { return *feed_; }
    engine::task<Result<Acl>> acl(std::string name) override;
    engine::task<Result<AclsByMailbox>> acls() override;
    engine::task<Result<void>> set_acl(std::string name, AclChange change) override;
    engine::task<Result<std::unique_ptr<Drop>>> open_drop(
        std::optional<std::uint32_t> retention_days) override;
    engine::task<Result<QuotaStatus>> quota() override;
    engine::task<Result<void>> check_quota(std::uint64_t bytes) override;
    engine::task<Result<std::uint32_t>> undelete(UndeleteRequest request) override;
    engine::task<Result<std::vector<std::string>>> check(Repair repair) override;
    engine::task<Result<void>> flush() override;

    engine::task<Result<std::uint32_t>> next_uid_validity() override;
    engine::task<Result<void>> count_usage(Count how) override;
    void usage_changed() override;
    engine::task<Result<void>> ask_domain(Ask ask, QuotaUsage more) override;
    void domain_usage_changed() override;
    std::string dovecot_uidl_format() const override { return rules_().dovecot_uidl_format; }
    engine::task<Result<void>> export_dovecot() override;

    engine::task<Result<std::shared_ptr<MaildirMailbox>>> open_mailbox(std::string name);
    // Flushes and gives back reservations; the account may be used again after it.
    engine::task<Result<void>> close();
    // Removes what POP3 read more than so many days ago, unless a POP3 session has INBOX now.
    engine::task<Result<void>> expire_retrieved(std::uint32_t days);
    // No session, drop or delivery holds any mailbox of it.
    bool is_idle() const;
    // The messages of new/ or cur/; one that is not there has none.
    static engine::task<Result<void>> add_files(std::string directory, QuotaUsage* usage);

 private:
    std::string path_of(std::string_view name) const;  // of a canonical name
    std::string file(const char* name) const { return directory_ + '/' + name; }

    engine::task<Result<void>> load();
    engine::task<Result<std::shared_ptr<MaildirMailbox>>> open_locked(std::string name);
    engine::task<Result<bool>> exists(std::string name);
    engine::task<Result<std::string>> find_name(std::string name);
    engine::task<Result<std::vector<std::string>>> mailbox_names();
    engine::task<Result<void>> make_mailbox(std::string name);
    engine::task<Result<void>> make_new_mailbox(std::string name);  // and says so
    void publish_subscription(std::string_view name) const;
    engine::task<Result<void>> make_folders(std::string directory);
    engine::task<Result<void>> make_special_mailboxes();
    engine::task<Result<void>> load_subscriptions();
    engine::task<Result<void>> save_subscriptions(std::set<std::string> next);
    engine::task<Result<void>> load_special_uses();
    engine::task<Result<void>> save_special_uses();
    engine::task<Result<Annotations>> read_annotations(std::string directory, const KeptFile* what);
    engine::task<Result<std::string>> annotations_directory(std::string name);
    engine::task<Result<void>> create_locked(std::string name);
    engine::task<Result<void>> rename_inbox(std::string to);
    engine::task<Result<void>> rename_one(std::string from, std::string to);
    engine::task<Result<void>> move_aside(std::string name, std::string aside);

    // account_acl
    engine::task<Result<std::shared_ptr<const Acl>>> acl_locked(std::string name);
    engine::task<Result<void>> write_acl(std::string name, std::shared_ptr<const Acl> acl);
    engine::task<Result<void>> make_child(std::string name);

    // account_check
    engine::task<Result<void>> repair();
    engine::task<Result<void>> repair_acl(std::string name);
    engine::task<Result<void>> repair_annotations(std::string directory, const KeptFile* what);
    engine::task<Result<void>> repair_ids();
    engine::task<Result<void>> repair_retrieved();
    engine::task<Result<void>> repair_files();
    engine::task<Result<std::vector<std::string>>> look_once();
    engine::task<Result<std::vector<std::shared_ptr<MaildirMailbox>>>> open_those_of(
        const std::vector<std::string>& problems);

    // account_quota
    enum class UsageForm : std::uint8_t { one_line, more_lines };
    engine::task<Result<QuotaUsage>> count_mailboxes();
    engine::task<Result<bool>> is_counted_right();
    engine::task<Result<void>> forget_maildirsize();
    static engine::task<void> write_usage_later(std::shared_ptr<MaildirAccount> self);
    engine::task<Result<void>> write_usage(UsageForm form);
    static engine::task<void> recount_later(std::shared_ptr<MaildirAccount> self);
    static engine::task<void> tell_domain_later(std::shared_ptr<MaildirAccount> self);
    DomainNotice domain_notice();

    // account_undelete
    std::string expunged_path_of(std::string_view name) const;
    engine::task<Result<std::uint32_t>> undelete_folder(std::string name, std::int64_t since_s);
    engine::task<Result<std::uint32_t>> undelete_mailbox(std::string name, std::string path);
    engine::task<Result<std::uint32_t>> undelete_into(std::string name, std::string path);

    std::string directory_;
    std::string account_name_;
    DirectorySync* sync_;
    Journal* journal_;
    DirectoryWatch* watch_;
    DomainBooks* domains_;
    Rules rules_;
    std::shared_ptr<QuotaBook> quota_;
    std::shared_ptr<AccountFeed> feed_ = std::make_shared<AccountFeed>();
    QuotaLimits maildirsize_limits_;       // as its first line has them
    std::uint64_t maildirsize_bytes_ = 0;  // 0: to be written anew
    bool maildirsize_is_final_ = true;     // of one line, and right
    bool usage_flush_scheduled_ = false;
    bool notice_scheduled_ = false;
    std::map<std::string, std::shared_ptr<MaildirMailbox>> open_;
    std::set<std::string> subscriptions_;
    std::map<std::string, SpecialUse> special_uses_;
    std::map<std::string, std::shared_ptr<const Acl>> acls_;  // as far as they have been read
    std::uint32_t last_uid_validity_ = 0;
    bool loaded_ = false;
    std::shared_ptr<bool> drop_held_ = std::make_shared<bool>(false);
    engine::Mutex tree_mutex_;
    engine::Mutex validity_mutex_;
    engine::Mutex maildirsize_mutex_;
    engine::Mutex drop_mutex_;  // a drop is being opened, or mail removed that POP3 read long ago
};

// Removes a directory and what is in it, two levels deep; failures are ignored.
engine::task<void> remove_tree_quietly(std::string directory);

}  // namespace postern::store
