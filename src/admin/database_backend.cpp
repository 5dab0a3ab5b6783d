// The commands' real backend; see database_backend.hpp.
#include "admin/database_backend.hpp"

namespace postern::admin {

auth::DatabaseResult<std::shared_ptr<const auth::Directory>> DatabaseBackend::take_new_directory() {
    if (!changed_.exchange(false)) return nullptr;
    auto loaded = database_.load_directory();
    if (!loaded) changed_ = true;
    return loaded;
}

AdminBackend::Answer<auth::DomainInfo> DatabaseBackend::add_domain(std::string_view name,
                                                                   auth::DomainUse use) {
    return noting_change(database_.add_domain(name, use));
}

AdminBackend::Answer<std::vector<auth::DomainInfo>> DatabaseBackend::list_domains() {
    return database_.list_domains();
}

AdminBackend::Answer<void> DatabaseBackend::remove_domain(std::string_view name) {
    return noting_change(database_.remove_domain(name));
}

AdminBackend::Answer<auth::AccountInfo> DatabaseBackend::add_account(
    const auth::NewAccount& account) {
    return noting_change(database_.add_account(account));
}

AdminBackend::Answer<auth::AccountInfo> DatabaseBackend::show_account(std::string_view address) {
    return database_.show_account(address);
}

AdminBackend::Answer<std::vector<auth::AccountInfo>> DatabaseBackend::list_accounts(
    std::string_view domain) {
    return database_.list_accounts(domain);
}

AdminBackend::Answer<void> DatabaseBackend::set_password(std::string_view address,
                                                         std::string_view password) {
    return noting_change(database_.set_password(address, password));
}

AdminBackend::Answer<void> DatabaseBackend::set_account_use(std::string_view address,
                                                            auth::AccountUse use) {
    return noting_change(database_.set_account_use(address, use));
}

AdminBackend::Answer<void> DatabaseBackend::set_domain_retention(std::string_view name,
                                                                 auth::RetentionDays days) {
    return noting_change(database_.set_domain_retention(name, days));
}

AdminBackend::Answer<void> DatabaseBackend::set_account_retention(
    std::string_view address, std::optional<auth::RetentionDays> days) {
    return noting_change(database_.set_account_retention(address, days));
}

AdminBackend::Answer<void> DatabaseBackend::set_account_quota(std::string_view address,
                                                              const auth::QuotaChange& change) {
    return noting_change(database_.set_account_quota(address, change));
}

AdminBackend::Answer<void> DatabaseBackend::set_domain_quota(std::string_view name,
                                                             const auth::QuotaChange& change) {
    return noting_change(database_.set_domain_quota(name, change));
}

AdminBackend::Answer<void> DatabaseBackend::set_domain_total(std::string_view name,
                                                             const auth::QuotaChange& change) {
    return noting_change(database_.set_domain_total(name, change));
}

AdminBackend::Answer<void> DatabaseBackend::set_account_language(std::string_view address,
                                                                 std::string_view language) {
    return noting_change(database_.set_account_language(address, language));
}

AdminBackend::Answer<std::string> DatabaseBackend::add_app_password(std::string_view address,
                                                                    std::string_view name) {
    return noting_change(database_.add_app_password(address, name));
}

AdminBackend::Answer<std::vector<auth::AppPasswordInfo>> DatabaseBackend::list_app_passwords(
    std::string_view address) {
    return database_.list_app_passwords(address);
}

AdminBackend::Answer<void> DatabaseBackend::remove_app_password(std::string_view address,
                                                                std::string_view name) {
    return noting_change(database_.remove_app_password(address, name));
}

AdminBackend::Answer<auth::RemovedAccount> DatabaseBackend::remove_account(
    std::string_view address) {
    return noting_change(database_.remove_account(address));
}

AdminBackend::Answer<auth::AliasInfo> DatabaseBackend::add_alias(
    std::string_view address, const std::vector<std::string>& targets) {
    return noting_change(database_.add_alias(address, targets));
}

AdminBackend::Answer<std::vector<auth::AliasInfo>> DatabaseBackend::list_aliases(
    std::string_view domain) {
    return database_.list_aliases(domain);
}

AdminBackend::Answer<void> DatabaseBackend::remove_alias(std::string_view address,
                                                         const std::vector<std::string>& targets) {
    return noting_change(database_.remove_alias(address, targets));
}

// The shards' directory knows nothing of it.
AdminBackend::Answer<void> DatabaseBackend::set_admin_password(std::string_view password) {
    return database_.set_admin_password(password);
}

AdminBackend::Answer<void> DatabaseBackend::check_admin_password(std::string_view password) {
    return database_.check_admin_password(password);
}

AdminBackend::Answer<bool> DatabaseBackend::has_admin_password() {
    return database_.has_admin_password();
}

StatusReport DatabaseBackend::status() {
    return facts_.status();
}

}  // namespace postern::admin
