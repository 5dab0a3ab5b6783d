// The people of this gateway on disk: domains, accounts and aliases in one SQLite file (WAL,
// synchronous=FULL, foreign keys). Changed only through the daemon's control socket; every shard
// works on the Directory loaded from it.
//
// BLOCKING: everything here reads or writes a disk, and adding an account or setting a password
// also runs Argon2id. Call it from the offload pool, never on a shard. Calls are serialised by a
// lock of the database's own, so the pool may run several.
//
// Problems carry a text for the administrator, which names what was wrong; nothing of it is meant
// for a mail peer. A failed call has changed nothing.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/directory.hpp"
#include "auth/sqlite.hpp"

namespace postern::auth {

struct DatabaseProblem {
    enum class Kind : unsigned char {
        invalid,    // a name, password or target that cannot be
        exists,     // already there
        not_found,  // no such domain, account, alias
        refused,    // would break something else, said in the text
        failed,     // SQLite or the disk
    };
    Kind kind = Kind::failed;
    std::string text;
};
template <class T>
using DatabaseResult = std::expected<T, DatabaseProblem>;

enum class AccountUse : unsigned char { enabled, disabled };
enum class DomainUse : unsigned char { ordinary, default_domain };

struct DomainInfo {
    std::string name;          // A-label
    std::string display_name;  // U-label
    bool is_default = false;
    std::int64_t accounts = 0;
    std::int64_t aliases = 0;
    RetentionDays pop3_retention;
    Quota quota;  // of accounts that have none of their own
    Quota total;  // of all its accounts together
};

struct NewAccount {
    std::string address;  // a bare name means the default domain
    std::string display_name;
    std::string password;
    AccountRole role = AccountRole::user;
    std::string language = "en";
};

struct AccountInfo {
    std::string address;
    std::string display_name;
    std::string home;  // relative to the data directory
    AccountRole role = AccountRole::user;
    bool disabled = false;
    RetentionDays pop3_retention;        // in force
    bool has_its_own_retention = false;  // else it is the domain's
    Quota quota;                         // in force
    std::string language;
};

struct QuotaSetting {
    enum class Kind : unsigned char { limited, unlimited, as_domain };
    Kind kind = Kind::as_domain;  // of a domain the same as unlimited
    std::uint64_t max = 0;        // of a limited one
};
// What is not there stays as it is.
struct QuotaChange {
    std::optional<QuotaSetting> bytes;
    std::optional<QuotaSetting> messages;
};

struct AppPasswordInfo {
    std::string name;
    std::int64_t created_s = 0;  // Unix seconds
};

struct RemovedAccount {
    std::string home;                         // the mail stays there
    std::vector<std::string> shrunk_aliases;  // aliases that led to it, now without it
};

struct AliasInfo {
    std::string address;
    std::vector<std::string> targets;
};

// Fills the span with random bytes; false when there are none to be had.
using FillRandom = bool (*)(char* bytes, std::size_t size);
bool fill_random_from_kernel(char* bytes, std::size_t size);  // getrandom(2)

class Database {
 public:
    // Creates the file (mode 0600) when it is not there and brings an older schema up to date.
    // Refuses a file of a newer version. "" is a private database in memory, for tests.
    static DatabaseResult<std::unique_ptr<Database>> open(
        const std::string& path, const PasswordCost& cost = {},
        FillRandom fill_random = fill_random_from_kernel);

    // The first domain is the default one until another is added as such.
    DatabaseResult<DomainInfo> add_domain(std::string_view name, DomainUse use);
    DatabaseResult<std::vector<DomainInfo>> list_domains();
    // Refused while accounts or aliases live in it.
    DatabaseResult<void> remove_domain(std::string_view name);
    // How long the accounts of the domain keep mail that POP3 has read, those that have no rule of
    // their own. invalid over retention_days_max.
    DatabaseResult<void> set_domain_retention(std::string_view name, RetentionDays days);

    // A home directory is never given twice: an account added again after its removal does not
    // see its predecessor's mail.
    DatabaseResult<AccountInfo> add_account(const NewAccount& account);
    DatabaseResult<AccountInfo> show_account(std::string_view address);
    // `domain` empty: all.
    DatabaseResult<std::vector<AccountInfo>> list_accounts(std::string_view domain);
    DatabaseResult<void> set_password(std::string_view address, std::string_view password);
    // One more password, for one program; returns it, and nobody can read it again. invalid: a name
    // that cannot be; exists: there is one of that name; refused: app_passwords_max.
    DatabaseResult<std::string> add_app_password(std::string_view address, std::string_view name);
    DatabaseResult<std::vector<AppPasswordInfo>> list_app_passwords(std::string_view address);
    DatabaseResult<void> remove_app_password(std::string_view address, std::string_view name);
    DatabaseResult<RemovedAccount> remove_account(std::string_view address);
    // A disabled account cannot log in; its mail still arrives.
    DatabaseResult<void> set_account_use(std::string_view address, AccountUse use);
    // Of its own; nothing: as its domain has it.
    DatabaseResult<void> set_account_retention(std::string_view address,
                                               std::optional<RetentionDays> days);

    // How its special folders are called when they are made: those that are there stay.
    DatabaseResult<void> set_account_language(std::string_view address, std::string_view language);

    // What an account may hold; what those accounts of a domain may that have no rule of their own;
    // and what all accounts of a domain may together.
    DatabaseResult<void> set_account_quota(std::string_view address, const QuotaChange& change);
    DatabaseResult<void> set_domain_quota(std::string_view name, const QuotaChange& change);
    DatabaseResult<void> set_domain_total(std::string_view name, const QuotaChange& change);

    // Adds targets to an alias, made when it is new. A local target must exist.
    DatabaseResult<AliasInfo> add_alias(std::string_view address,
                                        const std::vector<std::string>& targets);
    DatabaseResult<std::vector<AliasInfo>> list_aliases(std::string_view domain);
    // No targets: the whole alias. An alias without targets left is removed.
    DatabaseResult<void> remove_alias(std::string_view address,
                                      const std::vector<std::string>& targets);

    // The password of the console, hashed as an account's is. invalid when it is too short;
    // check: refused when it is wrong or none is set.
    DatabaseResult<void> set_admin_password(std::string_view password);
    DatabaseResult<void> check_admin_password(std::string_view password);
    DatabaseResult<bool> has_admin_password();

    // Of the directories loaded from now on; NUL: there are no subaddresses.
    void set_subaddress_separator(char separator) { subaddress_separator_ = separator; }
    // What the shards work on. Its generation is the number of changes ever made.
    DatabaseResult<std::shared_ptr<const Directory>> load_directory();

 private:
    struct Name;
    struct Target;

    Database(SqliteConnection connection, const PasswordCost& cost, FillRandom fill_random);
    DatabaseResult<void> prepare_file(const std::string& path);
    DatabaseResult<void> migrate();
    DatabaseResult<void> make_secrets();
    DatabaseProblem failure(std::string_view doing) const;
    DatabaseResult<void> commit_change(Transaction& transaction);

    DatabaseResult<std::int64_t> find_domain(std::string_view name);
    DatabaseResult<std::int64_t> find_domain_or_all(std::string_view name);
    std::string find_default_domain();
    DatabaseResult<Name> parse_name(std::string_view address);
    DatabaseResult<std::int64_t> find_account(const Name& name);
    DatabaseResult<std::int64_t> find_account_at(std::string_view address);
    DatabaseResult<AccountInfo> read_account(std::int64_t id);
    using ApplyTo = std::function<SqliteStep(std::int64_t id)>;
    DatabaseResult<void> change_account(std::string_view address, std::string_view doing,
                                        const ApplyTo& apply);
    DatabaseResult<void> change_domain(std::string_view name, std::string_view doing,
                                       const ApplyTo& apply);
    using FindId = DatabaseResult<std::int64_t> (Database::*)(std::string_view name);
    DatabaseResult<void> change_row(FindId find, std::string_view name, std::string_view doing,
                                    const ApplyTo& apply);
    ApplyTo write_quota(std::string_view update, const QuotaChange& change);
    DatabaseResult<std::int64_t> find_alias(const Name& name);
    DatabaseResult<std::string> choose_home(const Name& name);
    // With these salts for its SCRAM keys, if there are any (read_scram_salts).
    DatabaseResult<Credential> derive_credential(std::string_view password,
                                                 std::string_view salts = {});
    enum class SaltUse : unsigned char { always, while_shared };
    DatabaseResult<std::string> read_scram_salts(std::string_view address, SaltUse use);
    bool read_app_passwords(DirectoryRows& rows);
    DatabaseResult<std::string> read_admin_password();
    DatabaseResult<std::vector<std::string>> drop_targets_to(const std::string& key);
    DatabaseResult<Target> parse_target(std::string_view target);
    DatabaseResult<void> check_target_exists(const Target& target, const Name& alias);
    DatabaseResult<void> add_target(std::int64_t alias_id, const Target& target, const Name& alias);
    DatabaseResult<void> drop_target(std::int64_t alias_id, const Name& alias,
                                     std::string_view text);
    bool drop_empty_aliases();
    DatabaseResult<std::int64_t> find_or_add_alias(const Name& name);
    DatabaseResult<AliasInfo> read_alias(std::int64_t alias_id);
    bool read_domains(DirectoryRows& rows);
    bool read_accounts(DirectoryRows& rows);
    bool read_aliases(DirectoryRows& rows);

    std::mutex mutex_;  // of the offload pool's threads; no shard ever takes it
    SqliteConnection connection_;
    PasswordCost cost_;
    FillRandom fill_random_;
    char subaddress_separator_ = '+';
};

}  // namespace postern::auth
