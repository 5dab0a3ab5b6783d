// RemoteAccount: an account of another shard, for sessions of this one (RFC 4314: mailboxes of
// other users). Every call is made on the account's home shard and its outcome brought back;
// mailboxes are opened as RemoteMailbox. Nothing is kept here. Stays on the shard that made it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/account.hpp"
#include "store/store.hpp"

namespace postern::store {

class RemoteAccount final : public Account {
 public:
    RemoteAccount(Store* store, std::string account_directory);

    const std::string& directory() const override { return directory_; }
    engine::task<Result<std::shared_ptr<Mailbox>>> open(std::string name) override;
    // Says nothing: a FeedLink does.
    AccountFeed& feed() override { return feed_; }
    // refused: POP3 serves INBOX on its home shard.
    engine::task<Result<std::unique_ptr<Drop>>> open_drop(
        std::optional<std::uint32_t> retention_days) override;
    engine::task<Result<std::vector<MailboxInfo>>> list() override;
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
    engine::task<Result<Acl>> acl(std::string name) override;
    engine::task<Result<AclsByMailbox>> acls() override;
    engine::task<Result<void>> set_acl(std::string name, AclChange change) override;
    engine::task<Result<QuotaStatus>> quota() override;
    engine::task<Result<void>> check_quota(std::uint64_t bytes) override;
    engine::task<Result<std::uint32_t>> undelete(UndeleteRequest request) override;
    engine::task<Result<std::vector<std::string>>> check(Repair repair) override;
    engine::task<Result<void>> export_dovecot() override;
    engine::task<Result<void>> flush() override;

 private:
    // `act(account)` gives a task<Result<T>>.
    template <class T, class F>
    static engine::task<Result<T>> act_at_home(RemoteAccount* self, F* act);
    template <class T, class F>
    engine::task<Result<T>> at_home(F* act);

    Store* store_;
    std::string account_directory_;
    std::string directory_;  // absolute
    AccountFeed feed_;
};

}  // namespace postern::store
