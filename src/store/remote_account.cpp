// Calls to an account on its home shard; see remote_account.hpp.
#include "store/remote_account.hpp"

#include <utility>

#include "engine/shard.hpp"
#include "store/remote_mailbox.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

RemoteAccount::RemoteAccount(Store* store, std::string account_directory)
    : store_(store),
      account_directory_(std::move(account_directory)),
      directory_(store->data_directory() + "/accounts/" + account_directory_) {}

template <class T, class F>
task<Result<T>> RemoteAccount::act_at_home(RemoteAccount* self, F* act) {
    auto account = co_await try_(self->store_->open_account(self->account_directory_));
    co_return co_await (*act)(*account);
}

template <class T, class F>
task<Result<T>> RemoteAccount::at_home(F* act) {
    auto there = [&] { return act_at_home<T>(this, act); };
    co_return co_await engine::call_on(store_->home_shard_of(account_directory_), there);
}

task<Result<std::shared_ptr<Mailbox>>> RemoteAccount::open(std::string name) {
    return RemoteMailbox::open(store_, account_directory_, std::move(name));
}

task<Result<std::unique_ptr<Drop>>> RemoteAccount::open_drop(std::optional<std::uint32_t>) {
    co_return fail_request(ErrorCode::refused, "a mail drop of another shard");
}

task<Result<std::vector<MailboxInfo>>> RemoteAccount::list() {
    auto act = [&](Account& account) { return account.list(); };
    co_return co_await at_home<std::vector<MailboxInfo>>(&act);
}

task<Result<MailboxStatus>> RemoteAccount::status(std::string name) {
    auto act = [&](Account& account) { return account.status(std::move(name)); };
    co_return co_await at_home<MailboxStatus>(&act);
}

task<Result<void>> RemoteAccount::create(std::string name) {
    auto act = [&](Account& account) { return account.create(std::move(name)); };
    co_return co_await at_home<void>(&act);
}

task<Result<void>> RemoteAccount::create_special(std::string name, SpecialUse use) {
    auto act = [&](Account& account) { return account.create_special(std::move(name), use); };
    co_return co_await at_home<void>(&act);
}

task<Result<void>> RemoteAccount::remove(std::string name) {
    auto act = [&](Account& account) { return account.remove(std::move(name)); };
    co_return co_await at_home<void>(&act);
}

task<Result<void>> RemoteAccount::rename(std::string from, std::string to) {
    auto act = [&](Account& account) { return account.rename(std::move(from), std::move(to)); };
    co_return co_await at_home<void>(&act);
}

task<Result<void>> RemoteAccount::subscribe(std::string name) {
    auto act = [&](Account& account) { return account.subscribe(std::move(name)); };
    co_return co_await at_home<void>(&act);
}

task<Result<void>> RemoteAccount::unsubscribe(std::string name) {
    auto act = [&](Account& account) { return account.unsubscribe(std::move(name)); };
    co_return co_await at_home<void>(&act);
}

task<Result<std::vector<std::string>>> RemoteAccount::subscriptions() {
    auto act = [&](Account& account) { return account.subscriptions(); };
    co_return co_await at_home<std::vector<std::string>>(&act);
}

task<Result<Annotations>> RemoteAccount::annotations(std::string name) {
    auto act = [&](Account& account) { return account.annotations(std::move(name)); };
    co_return co_await at_home<Annotations>(&act);
}

task<Result<void>> RemoteAccount::annotate(std::string name, AnnotationChanges changes) {
    auto act = [&](Account& account) {
        return account.annotate(std::move(name), std::move(changes));
    };
    co_return co_await at_home<void>(&act);
}

task<Result<Acl>> RemoteAccount::acl(std::string name) {
    auto act = [&](Account& account) { return account.acl(std::move(name)); };
    co_return co_await at_home<Acl>(&act);
}

task<Result<AclsByMailbox>> RemoteAccount::acls() {
    auto act = [&](Account& account) { return account.acls(); };
    co_return co_await at_home<AclsByMailbox>(&act);
}

task<Result<void>> RemoteAccount::set_acl(std::string name, AclChange change) {
    auto act = [&](Account& account) {
        return account.set_acl(std::move(name), std::move(change));
    };
    co_return co_await at_home<void>(&act);
}

task<Result<QuotaStatus>> RemoteAccount::quota() {
    auto act = [&](Account& account) { return account.quota(); };
    co_return co_await at_home<QuotaStatus>(&act);
}

task<Result<void>> RemoteAccount::check_quota(std::uint64_t bytes) {
    auto act = [&](Account& account) { return account.check_quota(bytes); };
    co_return co_await at_home<void>(&act);
}

task<Result<std::uint32_t>> RemoteAccount::undelete(UndeleteRequest request) {
    auto act = [&](Account& account) { return account.undelete(std::move(request)); };
    co_return co_await at_home<std::uint32_t>(&act);
}

task<Result<std::vector<std::string>>> RemoteAccount::check(Repair repair) {
    auto act = [&](Account& account) { return account.check(repair); };
    co_return co_await at_home<std::vector<std::string>>(&act);
}

task<Result<void>> RemoteAccount::export_dovecot() {
    auto act = [&](Account& account) { return account.export_dovecot(); };
    co_return co_await at_home<void>(&act);
}

task<Result<void>> RemoteAccount::flush() {
    auto act = [&](Account& account) { return account.flush(); };
    co_return co_await at_home<void>(&act);
}

}  // namespace postern::store
