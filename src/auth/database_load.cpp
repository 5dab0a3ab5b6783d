// From the database's rows to the snapshot that shards share; see database.hpp, directory.hpp.
#include "auth/database.hpp"
#include "auth/database_names.hpp"
#include "auth/scram_text.hpp"
#include "base/hex.hpp"
#include "tls/crypto.hpp"

namespace postern::auth {

bool Database::read_domains(DirectoryRows& rows) {
    Statement ask(connection_.get(), "SELECT name FROM domain ORDER BY id");
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) rows.domains.push_back(ask.text(0));
    rows.default_domain = find_default_domain();
    return step == SqliteStep::done;
}

bool Database::read_accounts(DirectoryRows& rows) {
    Statement ask(connection_.get(),
                  "SELECT account.id, local_part || '@' || name, display_name, home, role,"
                  " disabled, account.quota_bytes_max, account.quota_messages_max,"
                  " credential_version, password_hash, scram_sha1, scram_sha256,"
                  " coalesce(account.pop3_retention_days, domain.pop3_retention_days, -1),"
                  " domain.quota_bytes_max, domain.quota_messages_max,"
                  " total_bytes_max, total_messages_max, language"
                  " FROM account JOIN domain ON domain.id = domain_id ORDER BY account.id");
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        Account account;
        account.id = ask.integer(0);
        account.address = ask.text(1);
        account.display_name = ask.text(2);
        account.home = ask.text(3);
        account.role = ask.integer(4) != 0 ? AccountRole::admin : AccountRole::user;
        account.disabled = ask.integer(5) != 0;
        account.quota.bytes_max = quota_in_force(ask.integer(6), ask.integer(13));
        account.quota.messages_max = quota_in_force(ask.integer(7), ask.integer(14));
        account.credential.version = static_cast<std::uint64_t>(ask.integer(8));
        account.credential.password_hash = ask.text(9);
        account.credential.scram_sha1 = parse_scram_keys(ask.text(10));
        account.credential.scram_sha256 = parse_scram_keys(ask.text(11));
        account.pop3_retention = retention_from(ask.integer(12));
        account.domain_quota.bytes_max = quota_in_force(0, ask.integer(15));
        account.domain_quota.messages_max = quota_in_force(0, ask.integer(16));
        account.language = ask.text(17);
        rows.accounts.push_back(std::move(account));
    }
    return step == SqliteStep::done;
}

bool Database::read_aliases(DirectoryRows& rows) {
    Statement ask(connection_.get(),
                  "SELECT alias.id, local_part || '@' || name, target FROM alias"
                  " JOIN domain ON domain.id = domain_id"
                  " JOIN alias_target ON alias_id = alias.id ORDER BY alias.id, alias_target.id");
    std::int64_t previous = 0;
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        if (ask.integer(0) != previous) rows.aliases.push_back({ask.text(1), {}});
        previous = ask.integer(0);
        rows.aliases.back().targets.push_back(ask.text(2));
    }
    return step == SqliteStep::done;
}

DatabaseResult<std::shared_ptr<const Directory>> Database::load_directory() {
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());  // one consistent view
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    DirectoryRows rows;
    Statement secret(connection_.get(), "SELECT value FROM secret WHERE name = 'decoy'");
    if (secret.step() != SqliteStep::row) return std::unexpected(failure("reading secrets"));
    rows.decoy_secret = from_hex(secret.text(0)).value_or(std::string());
    Statement ask(connection_.get(), "SELECT value FROM counter WHERE name = 'changes'");
    if (ask.step() != SqliteStep::row || !read_domains(rows) || !read_accounts(rows) ||
        !read_app_passwords(rows) || !read_aliases(rows)) {
        return std::unexpected(failure("reading"));
    }
    rows.subaddress_separator = subaddress_separator_;
    rows.generation = static_cast<std::uint64_t>(ask.integer(0));
    return Directory::build(std::move(rows));
}

}  // namespace postern::auth
