// The commands' real backend: the accounts database, and the running daemon's facts. BLOCKING, in
// the offload pool. After a request that changed something the application asks
// take_new_directory() once and, before the response is sent, has every shard swap to it: when
// the administrator reads "ok", the change is in force.
#pragma once

#include <atomic>
#include <memory>

#include "admin/control_protocol.hpp"

namespace postern::admin {

class DatabaseBackend final : public AdminBackend {
 public:
    // Both outlive it.
    DatabaseBackend(auth::Database& database, const DaemonFacts& facts)
        : database_(database), facts_(facts) {}

    // The snapshot after the changes since the last call; nullptr when there were none. A problem
    // means that the shards keep the old one and the next call tries again.
    auth::DatabaseResult<std::shared_ptr<const auth::Directory>> take_new_directory();

    Answer<auth::DomainInfo> add_domain(std::string_view name, auth::DomainUse use) override;
    Answer<std::vector<auth::DomainInfo>> list_domains() override;
    Answer<void> remove_domain(std::string_view name) override;
    Answer<auth::AccountInfo> add_account(const auth::NewAccount& account) override;
    Answer<auth::AccountInfo> show_account(std::string_view address) override;
    Answer<std::vector<auth::AccountInfo>> list_accounts(std::string_view domain) override;
    Answer<void> set_password(std::string_view address, std::string_view password) override;
    Answer<void> set_account_use(std::string_view address, auth::AccountUse use) override;
    Answer<void> set_domain_retention(std::string_view name, auth::RetentionDays days) override;
    Answer<void> set_account_retention(std::string_view address,
                                       std::optional<auth::RetentionDays> days) override;
    Answer<void> set_account_quota(std::string_view address,
                                   const auth::QuotaChange& change) override;
    Answer<void> set_domain_quota(std::string_view name, const auth::QuotaChange& change) override;
    Answer<void> set_domain_total(std::string_view name, const auth::QuotaChange& change) override;
    Answer<void> set_account_language(std::string_view address, std::string_view language) override;
    Answer<std::string> add_app_password(std::string_view address, std::string_view name) override;
    Answer<std::vector<auth::AppPasswordInfo>> list_app_passwords(
        std::string_view address) override;
    Answer<void> remove_app_password(std::string_view address, std::string_view name) override;
    Answer<auth::RemovedAccount> remove_account(std::string_view address) override;
    Answer<auth::AliasInfo> add_alias(std::string_view address,
                                      const std::vector<std::string>& targets) override;
    Answer<std::vector<auth::AliasInfo>> list_aliases(std::string_view domain) override;
    Answer<void> remove_alias(std::string_view address,
                              const std::vector<std::string>& targets) override;
    Answer<void> set_admin_password(std::string_view password) override;
    Answer<void> check_admin_password(std::string_view password) override;
    Answer<bool> has_admin_password() override;
    StatusReport status() override;

 private:
    template <class T>
    Answer<T> noting_change(Answer<T> answer) {
        if (answer) changed_ = true;
        return answer;
    }

    auth::Database& database_;
    const DaemonFacts& facts_;
    std::atomic<bool> changed_ = false;
};

}  // namespace postern::admin
