// Store: the whole of the mail on disk, under one data directory:
//
//   <data>/spool/                             messages that are arriving
//   <data>/journal/                           small messages that have arrived (journal.hpp)
//   <data>/accounts/<domain>/<local>/         one Maildir++ an account: INBOX, and .Folder.Sub
//
// One object for the process, made before the shards run and destroyed after; it holds a part for
// each shard that only that shard touches. An account lives on its home shard: everything about it
// is called there (reach it with engine::call_on), except that messages may arrive on any shard.
// Nothing is acknowledged before it is durable: a function that adds or removes mail returns
// success only after the fsync of the file and of every directory that changed, or of the journal.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "engine/task.hpp"
#include "store/account.hpp"
#include "store/domain_quota.hpp"
#include "store/limits.hpp"
#include "store/mailbox.hpp"
#include "store/rules.hpp"
#include "store/spool.hpp"

namespace postern::store {

class Journal;
class MaildirAccount;
class MaildirMailbox;

// Where an account's mail is, relative to <data>/accounts: "example.test/alice". Any bytes are
// safe: what is not letter, digit or one of "-_+=@." becomes %XX, as does a leading '.'. The caller
// has normalised case. Both parts must not be empty and at most 100 bytes each when encoded;
// longer ones end in a hash.
std::string account_directory(std::string_view domain, std::string_view local_part);

// The shard an account lives on.
unsigned home_shard(std::string_view account_directory, unsigned shard_count);

struct DeliveryTarget {
    std::string account_directory;  // of account_directory()
    std::string mailbox = "INBOX";  // UTF-8; one that does not exist means INBOX
};

// Where a delivered message is now.
struct FiledCopy {
    std::string account_directory;
    std::string mailbox;
    std::uint32_t uid = 0;
};

class Store final : private DomainBooks {
 public:
    // `journal_bytes`: of each file of a shard's journal (journal.hpp).
    Store(std::string data_directory, unsigned shard_count,
          std::size_t journal_bytes = journal_file_bytes);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Once, on any shard, before anything else: makes the directories, brings back what a crash
    // left in the journal and clears the spool of it. Errors say that the data directory cannot be
    // used.
    engine::task<Result<void>> start();
    // On a shard, once: what other programs do to selected mailboxes shows at once. Without it, and
    // where the kernel refuses, it shows when it is looked for (Mailbox::refresh). A mailbox that
    // nobody has selected any more is watched for `linger` yet. Real kernels only.
    engine::task<void> watch_directories(Duration linger = seconds(watch_linger_s));
    // On every shard at shutdown, after its sessions have ended: flag changes to file names, index
    // to disk, UID reservations given back.
    engine::task<void> close();

    const std::string& data_directory() const { return data_directory_; }
    unsigned shard_count() const { return unsigned(parts_.size()); }
    unsigned home_shard_of(std::string_view account_directory) const {
        return home_shard(account_directory, shard_count());
    }

    // On the account's home shard. Makes the account's Maildir (with Sent, Drafts, Trash, Junk and
    // Archive, subscribed) the first time.
    engine::task<Result<std::shared_ptr<Account>>> open_account(std::string account_directory);

    // The same on any shard: where it is not at home, an account whose every call goes there.
    engine::task<Result<std::shared_ptr<Account>>> reach_account(std::string account_directory);

    // RFC 4314: accounts that may have given others rights to their mailboxes: those with a mark in
    // <data>/shared, in byte order. On any shard.
    engine::task<Result<std::vector<std::string>>> sharing_accounts();
    engine::task<Result<bool>> is_sharing(std::string account_directory);
    // Makes the mark, durably; before the rights are given.
    engine::task<Result<void>> mark_sharing(std::string account_directory);

    // What is wrong with an account, in words; `owner`: whose it is, as access lists name him. One
    // that nobody has used yet is well. check() works on what is open, on the account's home shard,
    // and with Repair::yes mends first what can be mended; look() looks at files alone, opens and
    // changes nothing, and needs no start().
    engine::task<Result<std::vector<std::string>>> check(std::string account_directory,
                                                         std::string owner, Repair repair);
    engine::task<Result<std::vector<std::string>>> look(std::string account_directory,
                                                        std::string owner);

    // Who knows what the administrator has set for an account; each shard its own, none: no limits.
    void set_rules(RulesSource rules);
    // And who there is; each shard its own, none: those that have been opened.
    void set_accounts(AccountsSource accounts);
    // On each shard, when the answers of these two may have changed.
    void rules_changed();
    // On a shard, until it drains: sweep() every hour.
    engine::task<void> run_sweeps();
    // Removes, from the accounts that live on this shard, in use or not, what has been kept long
    // enough: expunged mail, and what POP3 has read. One account after the other, with a pause.
    engine::task<void> sweep();
    // On any shard: over_quota when the account would not take a message of that size.
    engine::task<Result<void>> check_quota(std::string account_directory, std::uint64_t bytes);

    // On any shard: Account::quota.
    engine::task<Result<QuotaStatus>> quota(std::string account_directory);

    // Copies messages to a mailbox of whichever account, with those of their flags that are in
    // `changeable`; all or none. Both mailboxes are of this shard or reached from it. For mailboxes
    // of one account Mailbox::copy does it with less.
    engine::task<Result<CopyResult>> copy_between(std::shared_ptr<Mailbox> source,
                                                  std::vector<std::uint32_t> uids,
                                                  std::shared_ptr<Mailbox> target,
                                                  FlagSet changeable);

    // A message is about to arrive, on this shard.
    engine::task<Result<IncomingMessage>> begin_message();

    // Of a shard, which alone touches it once it runs; for who keeps something else there.
    Journal& journal(unsigned shard);

    // Delivers to all targets or to none; on any shard. When it returns success the message is
    // durable in every target. Two targets naming the same mailbox get one copy. The spool file
    // is unlinked when `message` is dropped. `filed`: gets what was delivered where; null: nobody
    // asks.
    engine::task<Result<void>> deliver_to_all(SpooledMessage& message,
                                              std::vector<DeliveryTarget> targets,
                                              std::vector<FiledCopy>* filed = nullptr);

 private:
    struct Part;   // what one shard owns
    struct Batch;  // deliver.cpp
    std::string new_spool_path() const;
    enum class Verdict : std::uint8_t { commit, roll_back };
    Part& part();

    engine::task<Result<std::shared_ptr<MaildirAccount>>> open_maildir(std::string directory);
    engine::task<void> make_room();
    // domain_quota
    engine::task<Result<void>> ask(QuotaKeeper::Ask ask, DomainNotice notice, QuotaLimits limits,
                                   QuotaUsage more) override;
    void tell(DomainNotice notice) override;
    void note_in_domain(const DomainNotice& notice);
    engine::task<Result<void>> ask_here(QuotaKeeper::Ask ask, const DomainNotice* notice,
                                        QuotaLimits limits, QuotaUsage more);
    engine::task<Result<void>> count_domain(std::string domain);
    engine::task<std::vector<std::pair<std::string, QuotaUsage>>> count_accounts(
        const std::vector<std::string>* accounts);

    std::string path_of_account(const std::string& account_directory) const;
    engine::task<Result<bool>> has_lost_mark(std::string account_directory, std::string owner);
    engine::task<Result<void>> sweep_account(std::string account_directory);
    std::vector<std::string> accounts_here();
    engine::task<Result<void>> check_quota_here(std::string account_directory, std::uint64_t bytes);
    engine::task<Result<QuotaStatus>> quota_here(std::string account_directory);
    engine::task<Result<std::shared_ptr<MaildirMailbox>>> open_target(DeliveryTarget target);
    engine::task<Result<void>> link_one(Batch* batch, std::size_t target,
                                        std::shared_ptr<MaildirMailbox> mailbox);
    engine::task<Result<void>> link_batch(Batch* batch);
    engine::task<void> finish_batch(Batch* batch, Verdict verdict);
    engine::task<Result<void>> link_remotely(Batch* batch);
    engine::task<void> finish_remotely(Batch* batch, Verdict verdict);
    engine::task<Result<void>> deliver_batch(Batch* batch);
    engine::task<Result<void>> deliver_remotely(Batch* batch);

    std::string data_directory_;
    std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace postern::store
