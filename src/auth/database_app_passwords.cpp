// App passwords in the database; see database.hpp and app_password.hpp. Hashed before the lock is
// taken, as all passwords are.
#include <sqlite3.h>

#include <array>
#include <ctime>

#include "auth/app_password.hpp"
#include "auth/database.hpp"
#include "auth/database_names.hpp"
#include "auth/limits.hpp"
#include "auth/scram_text.hpp"
#include "base/ascii.hpp"

namespace postern::auth {

using Kind = DatabaseProblem::Kind;

// Those of SCRAM-SHA-1 and of SCRAM-SHA-256 one after the other; shared: the account has app
// passwords. Empty: new ones are as good.
DatabaseResult<std::string> Database::read_scram_salts(std::string_view address, SaltUse use) {
    const std::lock_guard lock(mutex_);
    const auto id = find_account_at(address);
    if (!id) return std::unexpected(id.error());
    Statement ask(connection_.get(),
                  "SELECT scram_sha1, scram_sha256,"
                  " EXISTS (SELECT 1 FROM app_password WHERE account_id = account.id)"
                  " FROM account WHERE id = ?",
                  *id);
    if (ask.step() != SqliteStep::row) return std::unexpected(failure("reading an account"));
    if (use == SaltUse::while_shared && ask.integer(2) == 0) return std::string();
    const auto sha1 = parse_scram_keys(ask.text(0)), sha256 = parse_scram_keys(ask.text(1));
    return sha1 && sha256 ? sha1->salt + sha256->salt : std::string();
}

static DatabaseResult<void> check_app_name(std::string_view name) {
    bool bad = name.empty() || name.size() > app_password_name_bytes_max || !is_valid_utf8(name);
    for (const char c : name) bad = bad || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (!bad) return {};
    return problem(Kind::invalid, "the name of an app password has from 1 to " +
                                      std::to_string(app_password_name_bytes_max) +
                                      " bytes, none of them a control character");
}

DatabaseResult<std::string> Database::add_app_password(std::string_view address,
                                                       std::string_view name) {
    if (auto ok = check_app_name(name); !ok) return std::unexpected(ok.error());
    const auto salts = read_scram_salts(address, SaltUse::always);
    if (!salts) return std::unexpected(salts.error());
    std::array<char, app_password_entropy_bytes> entropy{};
    if (!fill_random_(entropy.data(), entropy.size())) {
        return problem(Kind::failed, "the system gives no random bytes");
    }
    std::string password = make_app_password({entropy.data(), entropy.size()});
    const auto credential = derive_credential(password, *salts);
    if (!credential) return std::unexpected(credential.error());
    const auto selector = password.substr(0, app_password_group_characters);
    DatabaseResult<void> refused;
    const auto added = change_account(address, "adding an app password", [&](std::int64_t id) {
        Statement count(connection_.get(),
                        "SELECT count(*), sum(name = ?2) FROM app_password WHERE account_id = ?1",
                        id, name);
        if (count.step() != SqliteStep::row) return SqliteStep::failed;
        if (count.integer(1) != 0) {
            refused = problem(Kind::exists,
                              "there is an app password " + escape_for_log(name) + " already");
            return SqliteStep::constraint;
        }
        if (count.integer(0) >= std::int64_t{app_passwords_max}) {
            refused = problem(Kind::refused, "an account has at most " +
                                                 std::to_string(app_passwords_max) +
                                                 " app passwords: remove one first");
            return SqliteStep::constraint;
        }
        Statement insert(connection_.get(),
                         "INSERT INTO app_password (account_id, name, created_s, selector,"
                         " password_hash, scram_sha1, scram_sha256) VALUES (?, ?, ?, ?, ?, ?, ?)",
                         id, name, std::int64_t{std::time(nullptr)}, selector,
                         credential->password_hash, format_scram_keys(credential->scram_sha1),
                         format_scram_keys(credential->scram_sha256));
        return insert.step();
    });
    if (!refused) return std::unexpected(refused.error());
    if (!added) return std::unexpected(added.error());
    return password;
}

DatabaseResult<std::vector<AppPasswordInfo>> Database::list_app_passwords(
    std::string_view address) {
    const std::lock_guard lock(mutex_);
    const auto id = find_account_at(address);
    if (!id) return std::unexpected(id.error());
    Statement ask(connection_.get(),
                  "SELECT name, created_s FROM app_password WHERE account_id = ? ORDER BY name",
                  *id);
    std::vector<AppPasswordInfo> found;
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        found.push_back({ask.text(0), ask.integer(1)});
    }
    if (step != SqliteStep::done) return std::unexpected(failure("listing app passwords"));
    return found;
}

// A new version of the account's credential: no shard remembers a login by what is gone.
DatabaseResult<void> Database::remove_app_password(std::string_view address,
                                                   std::string_view name) {
    bool was_there = true;
    const auto removed = change_account(address, "removing an app password", [&](std::int64_t id) {
        Statement remove(connection_.get(),
                         "DELETE FROM app_password WHERE account_id = ? AND name = ?", id, name);
        if (remove.step() != SqliteStep::done) return SqliteStep::failed;
        was_there = sqlite3_changes(connection_.get()) != 0;
        if (!was_there) return SqliteStep::constraint;
        Statement update(connection_.get(),
                         "UPDATE account SET credential_version ="
                         " 1 + (SELECT value FROM counter WHERE name = 'changes') WHERE id = ?",
                         id);
        return update.step();
    });
    if (!was_there) {
        return problem(Kind::not_found, "there is no app password " + escape_for_log(name));
    }
    return removed;
}

// Behind read_accounts: the rows are in the order of accounts.
bool Database::read_app_passwords(DirectoryRows& rows) {
    Statement ask(connection_.get(),
                  "SELECT account_id, selector, password_hash, scram_sha1, scram_sha256"
                  " FROM app_password ORDER BY account_id, id");
    SqliteStep step = ask.step();
    auto account = rows.accounts.begin();
    for (; step == SqliteStep::row; step = ask.step()) {
        while (account != rows.accounts.end() && account->id < ask.integer(0)) ++account;
        if (account == rows.accounts.end() || account->id != ask.integer(0)) continue;
        AppPassword one;
        one.selector = ask.text(1);
        one.credential.version = account->credential.version;
        one.credential.password_hash = ask.text(2);
        one.credential.scram_sha1 = parse_scram_keys(ask.text(3));
        one.credential.scram_sha256 = parse_scram_keys(ask.text(4));
        account->app_passwords.push_back(std::move(one));
    }
    return step == SqliteStep::done;
}

}  // namespace postern::auth
