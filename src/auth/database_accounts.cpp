// Accounts in the database; see database.hpp. Passwords are hashed before the lock is taken, so
// that one slow hash does not hold up another request.
#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "auth/database.hpp"
#include "auth/database_names.hpp"
#include "auth/limits.hpp"
#include "auth/names.hpp"
#include "auth/scram_text.hpp"
#include "base/ascii.hpp"

namespace postern::auth {

using Kind = DatabaseProblem::Kind;

static std::string describe_password_error(const Error& error) {
    switch (error.code) {
        case ErrorCode::limit:
            return "the password is longer than " + std::to_string(password_bytes_max) + " bytes";
        case ErrorCode::not_utf8: return "the password is not valid UTF-8";
        case ErrorCode::forbidden_byte:
            return "the password is empty or has a character that passwords must not have"
                   " (a control character, for example)";
        default: return std::string("hashing the password failed: ") + error.what;
    }
}

DatabaseResult<Credential> Database::derive_credential(std::string_view password,
                                                       std::string_view salts) {
    std::array<char, credential_entropy_bytes> entropy{};
    if (!fill_random_(entropy.data(), entropy.size())) {
        return problem(Kind::failed, "the system gives no random bytes");
    }
    if (salts.size() == 2 * scram_salt_bytes) {
        std::ranges::copy(salts, entropy.begin() + argon2_salt_bytes);
    }
    auto record =
        make_credential(password, cost_, std::string_view(entropy.data(), entropy.size()));
    if (!record) {
        const Kind kind = record.error().kind == ErrorKind::internal ? Kind::failed : Kind::invalid;
        return problem(kind, describe_password_error(record.error()));
    }
    return std::move(*record);
}

DatabaseResult<std::int64_t> Database::find_account(const Name& name) {
    Statement ask(connection_.get(), "SELECT id FROM account WHERE domain_id = ? AND local_key = ?",
                  name.domain_id, name.local_key);
    const SqliteStep step = ask.step();
    if (step == SqliteStep::row) return ask.integer(0);
    if (step != SqliteStep::done) return std::unexpected(failure("looking for an account"));
    return problem(Kind::not_found, "there is no account " + name.address());
}

DatabaseResult<std::int64_t> Database::find_account_at(std::string_view address) {
    const auto name = parse_name(address);
    if (!name) return std::unexpected(name.error());
    return find_account(*name);
}

DatabaseResult<void> Database::change_account(std::string_view address, std::string_view doing,
                                              const ApplyTo& apply) {
    return change_row(&Database::find_account_at, address, doing, apply);
}

// The encoded name, or with "~2", "~3" after it when an earlier account's mail lies there. The
// encoder never writes '~', so such a home is nobody else's.
DatabaseResult<std::string> Database::choose_home(const Name& name) {
    const auto base = home_directory(name.local_key, name.domain);
    if (!base) return problem(Kind::invalid, name.address() + " cannot be a directory's name");
    for (int attempt = 1; attempt < 1'000'000; ++attempt) {
        const std::string home = attempt == 1 ? *base : *base + "~" + std::to_string(attempt);
        Statement ask(connection_.get(),
                      "SELECT 1 FROM retired_home WHERE home = ?1"
                      " UNION ALL SELECT 1 FROM account WHERE home = ?1",
                      home);
        const SqliteStep step = ask.step();
        if (step == SqliteStep::done) return home;
        if (step != SqliteStep::row) return std::unexpected(failure("choosing a home directory"));
    }
    return problem(Kind::refused, name.address() + " was added and removed too often");
}

static DatabaseResult<void> check_language(std::string_view language) {
    if (is_language(language)) return {};
    return problem(Kind::invalid, "the language is en, pt or ru");
}

static DatabaseResult<void> check_new_account(const NewAccount& account) {
    const std::string_view local_part = split_address(account.address).local_part;
    if (const char* wrong = check_local_part(local_part, LocalPartUse::account)) {
        return problem(Kind::invalid, "'" + escape_for_log(account.address) + "': " + wrong);
    }
    const std::string& name = account.display_name;
    bool bad = name.size() > display_name_bytes_max || !is_valid_utf8(name);
    for (const char c : name) bad = bad || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (bad) {
        return problem(Kind::invalid,
                       "the display name is too long or has characters it must not have");
    }
    return check_language(account.language);
}

constexpr std::string_view account_info_columns =
    "SELECT local_part || '@' || name, display_name, home, role, disabled,"
    " coalesce(account.pop3_retention_days, domain.pop3_retention_days, -1),"
    " account.pop3_retention_days IS NOT NULL,"
    " account.quota_bytes_max, domain.quota_bytes_max,"
    " account.quota_messages_max, domain.quota_messages_max, language"
    " FROM account JOIN domain ON domain.id = domain_id ";

static AccountInfo read_account_info(const Statement& row) {
    return {row.text(0),
            row.text(1),
            row.text(2),
            row.integer(3) != 0 ? AccountRole::admin : AccountRole::user,
            row.integer(4) != 0,
            retention_from(row.integer(5)),
            row.integer(6) != 0,
            {quota_in_force(row.integer(7), row.integer(8)),
             quota_in_force(row.integer(9), row.integer(10))},
            row.text(11)};
}

DatabaseResult<AccountInfo> Database::read_account(std::int64_t id) {
    Statement ask(connection_.get(), std::string(account_info_columns) + "WHERE account.id = ?",
                  id);
    if (ask.step() != SqliteStep::row) return std::unexpected(failure("reading an account"));
    return read_account_info(ask);
}

DatabaseResult<AccountInfo> Database::add_account(const NewAccount& account) {
    if (auto ok = check_new_account(account); !ok) return std::unexpected(ok.error());
    const auto credential = derive_credential(account.password);
    if (!credential) return std::unexpected(credential.error());

    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    const auto name = parse_name(account.address);
    if (!name) return std::unexpected(name.error());
    if (find_account(*name)) {
        return problem(Kind::exists, "the account " + name->address() + " is there already");
    }
    auto home = choose_home(*name);
    if (!home) return std::unexpected(home.error());
    Statement insert(connection_.get(),
                     "INSERT INTO account (domain_id, local_part, local_key, display_name, home,"
                     " role, language, credential_version, password_hash, scram_sha1,"
                     " scram_sha256)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?,"
                     " 1 + (SELECT value FROM counter WHERE name = 'changes'), ?, ?, ?)",
                     name->domain_id, name->local_part, name->local_key, account.display_name,
                     *home, std::int64_t{account.role == AccountRole::admin}, account.language,
                     credential->password_hash, format_scram_keys(credential->scram_sha1),
                     format_scram_keys(credential->scram_sha256));
    if (insert.step() != SqliteStep::done) return std::unexpected(failure("adding an account"));
    if (auto done = commit_change(transaction); !done) return std::unexpected(done.error());
    const auto id = find_account(*name);
    if (!id) return std::unexpected(id.error());
    return read_account(*id);
}

DatabaseResult<AccountInfo> Database::show_account(std::string_view address) {
    const std::lock_guard lock(mutex_);
    const auto id = find_account_at(address);
    if (!id) return std::unexpected(id.error());
    return read_account(*id);
}

DatabaseResult<std::vector<AccountInfo>> Database::list_accounts(std::string_view domain) {
    const std::lock_guard lock(mutex_);
    const auto domain_id = find_domain_or_all(domain);
    if (!domain_id) return std::unexpected(domain_id.error());
    Statement ask(connection_.get(),
                  std::string(account_info_columns) +
                      "WHERE ?1 = 0 OR domain_id = ?1 ORDER BY name, local_key",
                  *domain_id);
    std::vector<AccountInfo> found;
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        found.push_back(read_account_info(ask));
    }
    if (step != SqliteStep::done) return std::unexpected(failure("listing accounts"));
    return found;
}

DatabaseResult<void> Database::set_password(std::string_view address, std::string_view password) {
    const auto salts = read_scram_salts(address, SaltUse::while_shared);
    if (!salts) return std::unexpected(salts.error());
    const auto credential = derive_credential(password, *salts);
    if (!credential) return std::unexpected(credential.error());
    return change_account(address, "setting a password", [&](std::int64_t id) {
        Statement update(connection_.get(),
                         "UPDATE account SET password_hash = ?, scram_sha1 = ?, scram_sha256 = ?,"
                         " credential_version ="
                         " 1 + (SELECT value FROM counter WHERE name = 'changes')"
                         " WHERE id = ?",
                         credential->password_hash, format_scram_keys(credential->scram_sha1),
                         format_scram_keys(credential->scram_sha256), id);
        return update.step();
    });
}

DatabaseResult<void> Database::set_account_use(std::string_view address, AccountUse use) {
    return change_account(address, "changing an account", [&](std::int64_t id) {
        Statement update(connection_.get(), "UPDATE account SET disabled = ? WHERE id = ?",
                         std::int64_t{use == AccountUse::disabled}, id);
        return update.step();
    });
}

DatabaseResult<void> Database::set_account_retention(std::string_view address,
                                                     std::optional<RetentionDays> days) {
    if (auto ok = check_retention(days.value_or(RetentionDays())); !ok) return ok;
    return change_account(address, "changing an account", [&](std::int64_t id) {
        Statement update(connection_.get(),
                         "UPDATE account SET pop3_retention_days = iif(?, ?, NULL) WHERE id = ?",
                         std::int64_t{days.has_value()},
                         retention_to_row(days.value_or(RetentionDays())), id);
        return update.step();
    });
}

DatabaseResult<void> Database::set_account_language(std::string_view address,
                                                    std::string_view language) {
    if (auto ok = check_language(language); !ok) return ok;
    return change_account(address, "changing an account", [&](std::int64_t id) {
        Statement update(connection_.get(), "UPDATE account SET language = ? WHERE id = ?",
                         language, id);
        return update.step();
    });
}

DatabaseResult<RemovedAccount> Database::remove_account(std::string_view address) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    const auto name = parse_name(address);
    if (!name) return std::unexpected(name.error());
    const auto id = find_account(*name);
    if (!id) return std::unexpected(id.error());
    RemovedAccount removed;
    {
        Statement remove(connection_.get(), "DELETE FROM account WHERE id = ? RETURNING home", *id);
        if (remove.step() != SqliteStep::row ||
            (removed.home = remove.text(0), remove.step()) != SqliteStep::done) {
            return std::unexpected(failure("removing an account"));
        }
    }
    Statement retire(connection_.get(), "INSERT INTO retired_home VALUES (?)", removed.home);
    if (retire.step() != SqliteStep::done) return std::unexpected(failure("removing an account"));
    auto shrunk = drop_targets_to(name->key());
    if (!shrunk) return std::unexpected(shrunk.error());
    removed.shrunk_aliases = std::move(*shrunk);
    if (auto done = commit_change(transaction); !done) return std::unexpected(done.error());
    return removed;
}

}  // namespace postern::auth
