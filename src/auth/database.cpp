// The accounts database: the file, its schema, and domains; see database.hpp. Accounts and
// aliases are in database_accounts.cpp and database_aliases.cpp, the snapshot in
// database_load.cpp.
#include "auth/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "auth/database_names.hpp"
#include "auth/database_schema.hpp"
#include "auth/limits.hpp"
#include "auth/names.hpp"
#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "tls/crypto.hpp"

namespace postern::auth {

using Kind = DatabaseProblem::Kind;

bool fill_random_from_kernel(char* bytes, std::size_t size) {
    return ::getrandom(bytes, size, 0) == static_cast<ssize_t>(size);
}

Database::Database(SqliteConnection connection, const PasswordCost& cost, FillRandom fill_random)
    : connection_(std::move(connection)), cost_(cost), fill_random_(fill_random) {}

DatabaseProblem Database::failure(std::string_view doing) const {
    std::string text = "accounts database, ";
    text += doing;
    text += ": ";
    text += sqlite3_errmsg(connection_.get());
    return {Kind::failed, std::move(text)};
}

// The file is ours alone from the first byte; SQLite gives its companions the same mode.
static DatabaseResult<void> create_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return problem(Kind::failed, "accounts database " + path + ": " + std::strerror(errno));
    }
    ::close(fd);
    return {};
}

DatabaseResult<std::unique_ptr<Database>> Database::open(const std::string& path,
                                                         const PasswordCost& cost,
                                                         FillRandom fill_random) {
    if (!path.empty()) {
        if (auto created = create_file(path); !created) return std::unexpected(created.error());
    }
    sqlite3* raw = nullptr;
    const std::string name = path.empty() ? ":memory:" : path;
    const int rc =
        sqlite3_open_v2(name.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    std::unique_ptr<Database> database(new Database(SqliteConnection(raw), cost, fill_random));
    if (rc != SQLITE_OK) return std::unexpected(database->failure("opening " + name));
    if (auto ready = database->prepare_file(path); !ready) return std::unexpected(ready.error());
    if (auto ready = database->migrate(); !ready) return std::unexpected(ready.error());
    return database;
}

DatabaseResult<void> Database::prepare_file(const std::string& path) {
    sqlite3_busy_timeout(connection_.get(), 5'000);
    const bool ok = execute_script(connection_.get(),
                                   "PRAGMA journal_mode = WAL;"
                                   "PRAGMA synchronous = FULL;"
                                   "PRAGMA foreign_keys = ON;"
                                   "PRAGMA trusted_schema = OFF;");
    if (!ok) return std::unexpected(failure("preparing " + path));
    return {};
}

DatabaseResult<void> Database::migrate() {
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    std::int64_t version = 0;
    {
        Statement ask(connection_.get(), "PRAGMA user_version");
        if (ask.step() != SqliteStep::row) return std::unexpected(failure("reading its version"));
        version = ask.integer(0);
    }
    const auto known = static_cast<std::int64_t>(schema_steps.size());
    if (version < 0 || version > known) {
        return problem(Kind::refused, "the accounts database is of version " +
                                          std::to_string(version) + ", this program knows " +
                                          std::to_string(known) + ": a newer one wrote it");
    }
    for (; version < known; ++version) {
        const std::string mark = "PRAGMA user_version = " + std::to_string(version + 1);
        if (!execute_script(connection_.get(), schema_steps[static_cast<std::size_t>(version)]) ||
            !execute_script(connection_.get(), mark.c_str())) {
            return std::unexpected(failure("bringing its tables up to date"));
        }
    }
    if (auto made = make_secrets(); !made) return made;
    if (!transaction.commit()) return std::unexpected(failure("bringing it up to date"));
    return {};
}

// Once in the life of a file.
DatabaseResult<void> Database::make_secrets() {
    {
        Statement ask(connection_.get(), "SELECT 1 FROM secret WHERE name = 'decoy'");
        if (ask.step() == SqliteStep::row) return {};
    }
    std::array<char, decoy_secret_bytes> secret{};
    if (!fill_random_(secret.data(), secret.size())) {
        return problem(Kind::failed, "the system gives no random bytes");
    }
    const std::string text = to_hex({secret.data(), secret.size()});
    Statement insert(connection_.get(), "INSERT INTO secret VALUES ('decoy', ?)", text);
    if (insert.step() != SqliteStep::done) return std::unexpected(failure("making secrets"));
    return {};
}

// Every change counts, so that a snapshot knows whether it is the newest.
DatabaseResult<void> Database::commit_change(Transaction& transaction) {
    Statement count(connection_.get(),
                    "UPDATE counter SET value = value + 1 WHERE name = 'changes'");
    if (count.step() != SqliteStep::done || !transaction.commit()) {
        return std::unexpected(failure("writing"));
    }
    return {};
}

static DatabaseResult<std::string> check_domain(std::string_view name) {
    auto canonical = canonical_domain(name);
    if (!canonical) {
        return problem(Kind::invalid, "'" + escape_for_log(name) + "' is not a domain name");
    }
    return *canonical;
}

std::string Database::find_default_domain() {
    Statement ask(connection_.get(),
                  "SELECT name FROM domain ORDER BY is_default DESC, id LIMIT 1");
    return ask.step() == SqliteStep::row ? ask.text(0) : std::string();
}

DatabaseResult<std::int64_t> Database::find_domain(std::string_view name) {
    const auto canonical = check_domain(name);
    if (!canonical) return std::unexpected(canonical.error());
    Statement ask(connection_.get(), "SELECT id FROM domain WHERE name = ?", *canonical);
    const SqliteStep step = ask.step();
    if (step == SqliteStep::row) return ask.integer(0);
    if (step != SqliteStep::done) return std::unexpected(failure("looking for a domain"));
    return problem(Kind::not_found, "there is no domain " + *canonical);
}

// 0, which no domain has, when none is named.
DatabaseResult<std::int64_t> Database::find_domain_or_all(std::string_view name) {
    return name.empty() ? DatabaseResult<std::int64_t>(0) : find_domain(name);
}

DatabaseResult<DomainInfo> Database::add_domain(std::string_view name, DomainUse use) {
    const auto canonical = check_domain(name);
    if (!canonical) return std::unexpected(canonical.error());
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));

    const bool is_default = use == DomainUse::default_domain || find_default_domain().empty();
    if (is_default && !execute_script(connection_.get(), "UPDATE domain SET is_default = 0")) {
        return std::unexpected(failure("changing the default domain"));
    }
    Statement insert(connection_.get(), "INSERT INTO domain (name, is_default) VALUES (?, ?)",
                     *canonical, std::int64_t{is_default});
    const SqliteStep step = insert.step();
    if (step == SqliteStep::constraint) {
        return problem(Kind::exists, "the domain " + *canonical + " is there already");
    }
    if (step != SqliteStep::done) return std::unexpected(failure("adding a domain"));
    if (auto done = commit_change(transaction); !done) return std::unexpected(done.error());
    DomainInfo added;
    added.name = *canonical;
    added.display_name = display_domain(*canonical);
    added.is_default = is_default;
    return added;
}

DatabaseResult<std::vector<DomainInfo>> Database::list_domains() {
    const std::lock_guard lock(mutex_);
    const std::string default_domain = find_default_domain();
    Statement ask(connection_.get(),
                  "SELECT name, (SELECT count(*) FROM account WHERE domain_id = domain.id),"
                  " (SELECT count(*) FROM alias WHERE domain_id = domain.id),"
                  " coalesce(pop3_retention_days, -1), quota_bytes_max, quota_messages_max,"
                  " total_bytes_max, total_messages_max"
                  " FROM domain ORDER BY name");
    std::vector<DomainInfo> found;
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        DomainInfo info;
        info.name = ask.text(0);
        info.accounts = ask.integer(1);
        info.aliases = ask.integer(2);
        info.pop3_retention = retention_from(ask.integer(3));
        info.quota = {quota_in_force(0, ask.integer(4)), quota_in_force(0, ask.integer(5))};
        info.total = {quota_in_force(0, ask.integer(6)), quota_in_force(0, ask.integer(7))};
        info.display_name = display_domain(info.name);
        info.is_default = info.name == default_domain;
        found.push_back(std::move(info));
    }
    if (step != SqliteStep::done) return std::unexpected(failure("listing domains"));
    return found;
}

DatabaseResult<void> Database::remove_domain(std::string_view name) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    const auto id = find_domain(name);
    if (!id) return std::unexpected(id.error());
    Statement remove(connection_.get(), "DELETE FROM domain WHERE id = ?", *id);
    const SqliteStep step = remove.step();
    if (step == SqliteStep::constraint) {
        return problem(Kind::refused, "the domain " + escape_for_log(name) +
                                          " still has accounts or aliases: remove those first");
    }
    if (step != SqliteStep::done) return std::unexpected(failure("removing a domain"));
    return commit_change(transaction);
}

// One statement on a row that must exist, as a transaction.
DatabaseResult<void> Database::change_row(FindId find, std::string_view name,
                                          std::string_view doing, const ApplyTo& apply) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    const auto id = (this->*find)(name);
    if (!id) return std::unexpected(id.error());
    if (apply(*id) != SqliteStep::done) return std::unexpected(failure(doing));
    return commit_change(transaction);
}

DatabaseResult<void> Database::change_domain(std::string_view name, std::string_view doing,
                                             const ApplyTo& apply) {
    return change_row(&Database::find_domain, name, doing, apply);
}

DatabaseResult<void> check_retention(RetentionDays days) {
    if (!days || *days <= retention_days_max) return {};
    return problem(Kind::invalid, "mail can be kept for at most " +
                                      std::to_string(retention_days_max) + " days, or for ever");
}

DatabaseResult<void> Database::set_domain_retention(std::string_view name, RetentionDays days) {
    if (auto ok = check_retention(days); !ok) return ok;
    return change_domain(name, "changing a domain", [&](std::int64_t id) {
        Statement update(connection_.get(),
                         "UPDATE domain SET pop3_retention_days = ? WHERE id = ?",
                         retention_to_row(days), id);
        return update.step();
    });
}

// The parts of an address of ours; a bare name means the default domain.
DatabaseResult<Database::Name> Database::parse_name(std::string_view address) {
    const std::string shown = "'" + escape_for_log(address) + "'";
    if (address.size() > address_bytes_max) {
        return problem(Kind::invalid, shown + " is longer than an address may be");
    }
    const AddressParts parts = split_address(address);
    const bool bare = !address.contains('@');
    const std::string domain = bare ? find_default_domain() : std::string(parts.domain);
    if (bare && domain.empty()) {
        return problem(Kind::refused, "there is no domain yet: add one first");
    }
    const auto domain_id = find_domain(domain);
    if (!domain_id) return std::unexpected(domain_id.error());
    if (const char* wrong = check_local_part(parts.local_part, LocalPartUse::alias)) {
        return problem(Kind::invalid, shown + ": " + wrong);
    }
    return Name{*domain_id, normalise_local_part(parts.local_part),
                fold_local_part(parts.local_part), canonical_domain(domain).value_or(domain)};
}

}  // namespace postern::auth
